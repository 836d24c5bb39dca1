# Prints the three numbers of jobs/guide/reading.md with R and its package ncdf4: Rscript with_r.R FILE
suppressPackageStartupMessages(library(ncdf4))
file <- nc_open(commandArgs(trailingOnly = TRUE)[1])

# R reverses the dimensions: rho, schedule, seed, then the axes. Reads the first axes point.
axes <- file$var$status$ndims - 3
get_first <- function(name, inner) {
  shape <- file$var[[name]]$varsize[seq_len(inner)]
  values <- ncvar_get(file, name, start = rep(1, inner + axes), count = c(shape, rep(1, axes)), collapse_degen = FALSE)
  array(values, shape)
}
rho <- as.vector(file$dim$rho$vals)
cosine <- which(file$dim$schedule$vals == "cosine")
loss <- get_first("final_train_loss", 3)
means <- rowMeans(matrix(loss[, cosine, ], nrow = length(rho)))
stepsize <- get_first("stepsize", 2)[, cosine]
diverged <- sum(ncvar_get(file, "status") == 2)

cat(sprintf("best stepsize of cosine: %.6g\n", stepsize[which.min(means)]))
cat(sprintf("mean final loss at rho = 1: %.6g\n", means[which(rho == 1)]))
cat(sprintf("diverged cells: %d\n", diverged))
