# Spack recipe. Copy it to packages/rhosweep/package.py of a Spack repository (package API v2, Spack 1.0), and set `git`
# to the location of the sources. The names, versions and variants of its dependencies were checked against Spack's
# packages; the recipe has never been built by Spack.
from spack_repo.builtin.build_systems.cmake import CMakePackage, generator

from spack.package import *


class Rhosweep(CMakePackage):
    """MPI-distributed grid search that measures what a misspecified learning rate costs under each schedule."""

    git = "file:///path/to/rhosweep"

    license("BSD-3-Clause")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("mpi@3:")
    depends_on("boost@1.74: +mpi+serialization+iostreams")
    depends_on("hdf5@1.10.8: +mpi+hl")
    depends_on("eigen@3.4:", type=("build", "link", "run"))
    depends_on("fmt@9:", type=("build", "link", "run"))
    depends_on("spdlog@1.10:")
    depends_on("random123")
    depends_on("xxhash")
    depends_on("tomlplusplus@3:")
    depends_on("cli11@2.1:")
    depends_on("nlohmann-json@3.11:")

    conflicts("%gcc@:11")

    generator("ninja")

    def cmake_args(self):
        return [self.define("RHOSWEEP_TESTS", False)]
