#include "direct_kernel.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace rhosweep::sgd {

template <class Real>
DirectKernel<Real>::DirectKernel(const problem::DirectProblem& problem, const model::SgdSettings& sgd,
                                 std::int64_t seed, PacedYield& yield)
    : StepwiseKernel<Real>(problem, sgd),
      problem_(problem),
      yield_(yield),
      seed_(seed),
      batch_size_(sgd.batch_size),
      noise_size_(0) {
  if (sgd.sampling == model::Sampling::full_batch) {
    all_samples_.resize(problem.samples());
    std::iota(all_samples_.begin(), all_samples_.end(), std::int64_t{0});
    return;
  }
  noise_size_ = problem.noise_size();
  if (problem.samples() > 0) sampler_.emplace(sgd.sampling, problem.samples(), batch_size_, seed);
}

template <class Real>
double DirectKernel<Real>::numbers_per_step() const {
  const double samples =
      sampler_ ? static_cast<double>(batch_size_) : static_cast<double>(problem_.samples());
  return std::max(1.0, samples) * static_cast<double>(problem_.dimension());
}

template <class Real>
void DirectKernel<Real>::draw(std::int64_t first, std::int64_t count) {
  if (sampler_) {
    samples_.resize(count * batch_size_);
    sampler_->draw(first, samples_);
  }
  noise_.resize(count * noise_size_);
  if (noise_size_ == 0) return;
  for (std::int64_t k = 0; k < count; ++k) {
    problem_.draw_noise(seed_, first + k, batch_size_,
                        std::span(noise_).subspan(k * noise_size_, noise_size_));
  }
}

template <class Real>
void DirectKernel<Real>::gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) {
  problem::StepDraw draw{.samples = all_samples_, .noise = {}};
  if (sampler_) draw.samples = std::span(samples_).subspan(k * batch_size_, batch_size_);
  draw.noise = std::span(noise_).subspan(k * noise_size_, noise_size_);
  problem_.gradient(draw, iterates.array(), gradients.array());
}

template <class Real>
void DirectKernel<Real>::evaluate(std::span<const Measurement<Real>> tiles) {
  for (const auto& [iterates, values] : tiles) {
    problem_.evaluate(iterates->array(), values->array());
    if (!yield_.now()) return;
  }
}

template class DirectKernel<double>;
template class DirectKernel<float>;

}  // namespace rhosweep::sgd
