# The three numbers with Julia's NCDatasets: julia with_julia.jl FILE
# Debian 12 has no Julia: unlike the other files of this folder, no test runs this one.
using NCDatasets, Printf, Statistics

NCDataset(ARGS[1]) do file
    # In Julia the dimensions come in the reverse order: rho, schedule, seed, then the axes; the first axes point is read.
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
