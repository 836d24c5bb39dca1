% Prints the three numbers of jobs/guide/reading.md with Octave alone, which reads HDF5: octave-cli with_octave_load.m FILE
% In MATLAB use h5read(path, "/rho") and so on, also for the names of the schedules.
path = argv(){end};
file = load("-hdf5", path, "rho", "seed", "stepsize", "final_train_loss", "status");

% Octave cannot read HDF5 strings; ncdump prints the names of the schedules.
[~, text] = system(["ncdump -v schedule '" path "' | sed -n '/^ schedule = /,/;$/p' | sed '/;$/q'"]);
schedule = [regexp(text, '"([^"]*)"', "tokens"){:}];
cosine = find(strcmp(schedule, "cosine"));

% Octave reverses the dimensions: rho, schedule, seed, then the axes. The first axes point comes first.
sizes = [numel(file.rho), numel(schedule)];
loss = reshape(file.final_train_loss(1:prod(sizes) * numel(file.seed)), sizes(1), sizes(2), []);
stepsize = reshape(file.stepsize(1:prod(sizes)), sizes);
means = mean(loss(:, cosine, :), 3);
[~, best] = min(means);

printf("best stepsize of cosine: %.6g\n", stepsize(best, cosine));
printf("mean final loss at rho = 1: %.6g\n", means(file.rho == 1));
printf("diverged cells: %d\n", sum(file.status(:) == 2));
