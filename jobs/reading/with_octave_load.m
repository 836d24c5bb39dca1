% The three numbers with Octave alone, which loads HDF5: octave-cli with_octave_load.m FILE
% In MATLAB: h5read(path, "/rho") and so on, the schedule's names, too.
path = argv(){end};
file = load("-hdf5", path, "rho", "seed", "stepsize", "final_train_loss", "status");

% Octave reads no texts of HDF5; ncdump tells the schedules' names.
[~, text] = system(["ncdump -v schedule '" path "' | sed -n '/^ schedule = /,/;$/p' | sed '/;$/q'"]);
schedule = [regexp(text, '"([^"]*)"', "tokens"){:}];
cosine = find(strcmp(schedule, "cosine"));

% Dimensions come in the reverse order: rho, schedule, seed, then the axes; the first axes point stands first.
sizes = [numel(file.rho), numel(schedule)];
loss = reshape(file.final_train_loss(1:prod(sizes) * numel(file.seed)), sizes(1), sizes(2), []);
stepsize = reshape(file.stepsize(1:prod(sizes)), sizes);
means = mean(loss(:, cosine, :), 3);
[~, best] = min(means);

printf("best stepsize of cosine: %.6g\n", stepsize(best, cosine));
printf("mean final loss at rho = 1: %.6g\n", means(file.rho == 1));
printf("diverged cells: %d\n", sum(file.status(:) == 2));
