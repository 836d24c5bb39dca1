# Prints the three numbers of jobs/guide/reading.md with Julia's NCDatasets: julia with_julia.jl FILE
# Debian 12 has no Julia, so this is the only file of this folder that no test runs.
using NCDatasets, Printf, Statistics

NCDataset(ARGS[1]) do file
    # Julia reverses the dimensions: rho, schedule, seed, then the axes. Reads the first axes point.
    axes = ndims(file["status"]) - 3
    cosine = findfirst(==("cosine"), file["schedule"][:])
    first_point = ntuple(_ -> 1, axes)
    losses = coalesce.(file["final_train_loss"][:, cosine, :, first_point...], NaN)
    means = vec(mean(losses, dims = 2))
    stepsizes = file["stepsize"][:, cosine, first_point...]
    best = argmin(replace(means, NaN => Inf))
    @printf("best stepsize of cosine: %.6g\n", stepsizes[best])
    @printf("mean final loss at rho = 1: %.6g\n", means[findfirst(==(1.0), file["rho"][:])])
    @printf("diverged cells: %d\n", count(==(2), file["status"][:]))
end
