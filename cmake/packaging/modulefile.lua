-- Lmod module file for a shared installation on a cluster. Save it as <module path>/rhosweep/VERSION.lua.
help([[rhosweep measures what a misspecified learning rate costs under each learning-rate schedule.]])
whatis("Name: rhosweep")
whatis("Description: MPI grid search over (rho, schedule, seed)")
whatis("License: BSD-3-Clause")

local root = pathJoin("/apps/rhosweep", myModuleVersion()) -- cmake --install build/release --prefix /apps/rhosweep/VERSION

depends_on("openmpi", "hdf5") -- the modules it was built with
prepend_path("PATH", pathJoin(root, "bin"))
prepend_path("MANPATH", pathJoin(root, "share/man"))
prepend_path("XDG_DATA_DIRS", pathJoin(root, "share")) -- completion for bash
prepend_path("CMAKE_PREFIX_PATH", root) -- find_package(rhosweep)
