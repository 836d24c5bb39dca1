% Prints the three numbers of jobs/guide/reading.md with Octave and its package netcdf: octave-cli with_octave_netcdf.m FILE
% In MATLAB ncread needs no package and also reads the names of the schedules.
pkg load netcdf
path = argv(){end};
rho = ncread(path, "rho");
stepsize = ncread(path, "stepsize");
loss = ncread(path, "final_train_loss");

% The package cannot read strings; ncdump prints the names of the schedules.
[~, text] = system(["ncdump -v schedule '" path "' | sed -n '/^ schedule = /,/;$/p' | sed '/;$/q'"]);
schedule = [regexp(text, '"([^"]*)"', "tokens"){:}];
cosine = find(strcmp(schedule, "cosine"));

% The dimensions are reversed: rho, schedule, seed, then the axes. Index 1 of each axis is the first axes point.
means = mean(loss(:, cosine, :, 1), 3);
[~, best] = min(means);

printf("best stepsize of cosine: %.6g\n", stepsize(best, cosine, 1));
printf("mean final loss at rho = 1: %.6g\n", means(rho == 1));
printf("diverged cells: %d\n", sum(ncread(path, "status")(:) == 2));
