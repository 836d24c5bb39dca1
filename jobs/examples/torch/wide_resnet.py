"""Wide residual networks for images of 32 x 32 pixels (Zagoruyko & Komodakis, arXiv 1605.07146), without dropout."""

from torch import nn
from torch.nn import functional


def convolution(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    """x + two convolutions of x, with batch normalisation and ReLU before each of them. If the number of channels
    changes, a 1 x 1 convolution replaces x."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first_norm, self.first = nn.BatchNorm2d(inputs), convolution(inputs, outputs, 3, stride)
        self.second_norm, self.second = nn.BatchNorm2d(outputs), convolution(outputs, outputs, 3)
        self.shortcut = None if inputs == outputs else convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        active = functional.relu(self.first_norm(x))
        branch = self.second(functional.relu(self.second_norm(self.first(active))))
        return branch + (self.shortcut(active) if self.shortcut else x)


class WideResNet(nn.Module):
    """WRN-depth-width: three groups of (depth - 4) / 6 blocks with 16, 32 and 64 times `width` channels. Takes images
    (n, 3, 32, 32), returns (n, classes)."""

    def __init__(self, depth, width, classes=10):
        super().__init__()
        if depth < 10 or (depth - 4) % 6 or width < 1:
            raise ValueError(f"found depth {depth} and width {width}; allowed: depth 10, 16, 22, 28, … and a width "
                             "from 1 on")
        layers, channels = [convolution(3, 16, 3)], 16
        for group in range(3):
            for i in range((depth - 4) // 6):
                inputs, channels = channels, 16 * width * 2 ** group
                layers.append(Block(inputs, channels, stride=2 if group > 0 and i == 0 else 1))
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.classifier.bias)

    def forward(self, images):
        return self.classifier(self.features(images).mean((2, 3)))
