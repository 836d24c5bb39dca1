"""Runs a private Slurm cluster of two or more nodes on this machine, with real daemons, and leaves nothing behind.

A test calls enter_namespaces() first. This runs the test again in process, mount, network, UTS and IPC namespaces of
its own, so that tests can run side by side. All daemons and jobs end together with the namespaces, however the test
ends, even by a SIGKILL from CTest. The munge socket, the logs and the spool folders are in a /run that is private to
the namespaces. Root makes the namespaces directly. Other users make them inside a user namespace, and the cluster then
runs as that user.

    enter_namespaces()
    with Cluster() as cluster:
        job = cluster.submit("script.sbatch", "an argument")
        assert cluster.wait(job) == ("COMPLETED", 0)
"""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

RUN = Path("/run")  # private to the namespaces
ADDRESS = "10.0.0.1"  # given to the loopback interface
TUN_ADDRESS = "192.168.1.1"  # given to the other interface
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "scancel", "scontrol", "unshare"]
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}({address})
SlurmctldPort=6817
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={run}/munge.socket,cred_expire=5
StateSaveLocation={run}/state
SlurmctldPidFile={run}/slurmctld.pid
SlurmctldLogFile={run}/slurmctld.log
SlurmdSpoolDir={run}/node/spool
SlurmdPidFile={run}/node/slurmd.pid
SlurmdLogFile={run}/slurmd.%n.log
TmpFS={run}/node
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1
ReturnToService=2
KillWait=10
SlurmdParameters=config_overrides
MailProg=/bin/true
NodeName=n[1-{nodes}] NodeHostname={host} NodeAddr={address} Port=[7001-700{nodes}] CPUs=2 CoresPerSocket=2 RealMemory=1000
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
{settings}
"""

# A node has its own host name, shared memory and disk, and a slurmd that is restarted when it dies.
NODE = """\
hostname "$0"
mount -t tmpfs tmpfs /dev/shm
mkdir -p "$1"
mount -t tmpfs tmpfs "$1"
mkdir "$1/spool"
while :; do LD_PRELOAD=$2 RHOSWEEP_TEST_SHIFT=$3 slurmd -D -N "$0"; sleep 0.5; done
"""

ENVIRONMENT = os.environ | {
    "PATH": PATH,
    "SLURM_CONF": str(RUN / "slurm.conf"),
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    # All nodes share the machine's cores, and communicate only within the machine.
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_btl_tcp_if_include": "lo",
    "OMPI_MCA_oob_tcp_if_include": "lo",
    "OMPI_MCA_orte_tmpdir_base": str(RUN / "node"),
    "PRTE_MCA_prte_tmpdir_base": str(RUN / "node"),  # the same for Open MPI 5
}


def enter_namespaces():
    """Runs the calling script again in namespaces of its own and returns there. Exits with a message if that is not
    possible."""
    marker = "RHOSWEEP_TEST_IN_NAMESPACES"
    if marker in os.environ:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", RUN], check=True)
        bring_up_network()
        name_nodes()
        return
    missing = [program for program in PROGRAMS if not shutil.which(program, path=PATH)]
    if missing:
        sys.exit(f"error: {', '.join(missing)} not found; Debian: apt-get install slurm-wlm munge util-linux")
    command = ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.getuid() != 0:
        command += ["--user", "--map-current-user", "--keep-caps"]
    probe = subprocess.run([*command, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        sys.exit("error: this machine forbids namespaces, which the cluster tests need: run them as root in no further "
                 "container, or allow user namespaces (sysctl user.max_user_namespaces): "
                 f"{probe.stderr.strip() or f'exit {probe.returncode}'}")
    os.environ[marker] = "1"
    # The shell is the init process of the namespace: it reaps orphaned processes.
    sys.stdout.flush()
    os.execvp(command[0], [*command, "sh", "-c", '"$0" "$@"; exit $?', sys.executable, *sys.argv])


def bring_up_network():
    """Brings up the loopback interface of the new network namespace and adds another interface.

    With the address 127.0.0.1 alone, getaddrinfo() as Slurm calls it would find no IPv4 address. If the loopback
    interface is the only one, mpirun of Open MPI 5.0 crashes in jobs of several nodes, before it starts anything:
    pmix_ifgetaliases() leaves a null pointer, which prte_check_host_is_local() reads."""
    set_interface, make_persistent, tun_without_headers = 0x400454CA, 0x400454CB, 0x1001
    try:
        with open("/dev/net/tun", "r+b", buffering=0) as tun:
            fcntl.ioctl(tun, set_interface, struct.pack("16sH22x", b"tun0", tun_without_headers))
            fcntl.ioctl(tun, make_persistent, 1)
    except OSError:
        pass  # this machine lacks tun interfaces, which only Open MPI 5.0 needs
    else:
        bring_up(b"tun0", TUN_ADDRESS)
    bring_up(b"lo", ADDRESS)


def name_nodes():
    """Makes the names of the nodes known. Newer versions of Slurm look up the host of an srun that is to be told the
    end of its job, and slurmctld answers nobody for ten seconds if there is no name server. Each node has an address of
    its own, which leads to this machine: mpirun takes a node with the address of an interface for its own node."""
    hosts = RUN / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{ADDRESS} {socket.gethostname()}\n" +
                     "".join(f"10.0.0.1{i} n{i}\n" for i in range(1, 10)))
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)


def bring_up(interface, address):
    set_flags, set_address, up = 0x8914, 0x8916, 1  # SIOCSIFFLAGS, SIOCSIFADDR and IFF_UP of Linux
    packed = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_address, struct.pack("16s16s", interface, packed))
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", interface, up))


def wait_until(condition, what, seconds=60):
    """Returns the first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s still not: {what}")


class Cluster:
    def __init__(self, nodes=2, settings="", processors="", first=0):
        """`settings` are further lines of slurm.conf. `processors` is the library processors_of_a_node. Slurm confines
        each job to its own cores; the library gives each node a different core of the machine as its first core,
        beginning with core number `first`, so that the jobs of different nodes and tests do not compete for a core."""
        self.settings, self.processors, self.first = settings, processors, first
        self.nodes = [f"n{i + 1}" for i in range(nodes)]
        assert "RHOSWEEP_TEST_IN_NAMESPACES" in os.environ, "call enter_namespaces() first"
        self.daemons = {}
        self.logs = []

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.print_logs()  # Python calls __exit__ only if __enter__ has returned
            raise
        return self

    def __exit__(self, kind, error, trace):
        # The daemons end together with the namespaces.
        if kind is not None:
            self.print_logs()

    def begin(self):
        """Starts all daemons and waits until the nodes are up."""
        (RUN / "state").mkdir()
        key = RUN / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (RUN / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], nodes=len(self.nodes), run=RUN, address=ADDRESS,
            user=pwd.getpwuid(os.getuid()).pw_name, settings=self.settings))
        self.start("munged", "munged", "--foreground", "--force", f"--socket={RUN}/munge.socket", f"--key-file={key}",
                   f"--pid-file={RUN}/munged.pid", f"--seed-file={RUN}/munged.seed", f"--log-file={RUN}/munged.log")
        wait_until((RUN / "munge.socket").exists, "munged listens")
        self.start("slurmctld", "slurmctld", "-D")
        for node in self.nodes:
            self.start_node(node)

    def print_logs(self):
        for log in [*self.logs, *sorted(RUN.glob("*.log"))]:
            if log.exists():
                text = log.read_text(errors="replace").splitlines()
                print(f"---- {log}", *text[-60:], sep="\n", file=sys.stderr)

    def start(self, name, *command):
        with open(RUN / f"{name}.out.log", "ab") as log:
            self.daemons[name] = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=subprocess.STDOUT)

    def pause_controller(self):
        """Makes Slurm's commands fail until resume_controller()."""
        self.daemons["slurmctld"].send_signal(signal.SIGSTOP)

    def resume_controller(self):
        self.daemons["slurmctld"].send_signal(signal.SIGCONT)

    # Nodes

    def start_node(self, node):
        started = datetime.now().replace(microsecond=0)
        self.start(node, "unshare", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                   "sh", "-c", NODE, node, RUN / "node", self.processors, str(self.first + self.nodes.index(node)))
        wait_until(lambda: self.is_up(node, started), f"node {node} is up")

    def is_up(self, node, since):
        """Returns whether the node is up and its slurmd was started at the time `since` or later."""
        assert self.daemons["slurmctld"].poll() is None, "slurmctld has ended"
        done = self.try_command("scontrol", "--oneliner", "show", "node", node)
        if done.returncode != 0 or field(done.stdout, "State") not in ("IDLE", "MIXED", "ALLOCATED"):
            return False
        start = field(done.stdout, "SlurmdStartTime")
        return start != "None" and datetime.fromisoformat(start) >= since

    def kill_node(self, node):
        """Simulates a power failure: everything on the node ends at once. Slurm needs minutes to notice this by
        itself."""
        daemon = self.daemons.pop(node)
        daemon.kill()
        daemon.wait()

    def tell_node_is_down(self, node):
        self.command("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=power")

    def kill_slurmd(self, node):
        """Kills only the slurmd of a node. The node's jobs keep running, and the slurmd is restarted."""
        slurmd = f"slurmd\0-D\0-N\0{node}\0".encode()
        [pid] = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if read(path) == slurmd]
        os.kill(pid, signal.SIGKILL)

    # Jobs

    def command(self, *command, environment=None, stdin=None):
        """Runs a Slurm command and returns its output. `stdin` is the file that the command reads, if any."""
        done = self.try_command(*command, environment=environment, stdin=stdin)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stderr}"
        return done.stdout

    def try_command(self, *command, environment=None, stdin=None):
        with open(stdin or os.devnull, "rb") as source:
            return subprocess.run([str(word) for word in command], env=ENVIRONMENT | (environment or {}), stdin=source,
                                  capture_output=True, text=True, timeout=60)

    def submit(self, *arguments, log, environment=None, stdin=None):
        """Submits a script with sbatch from the current folder. Returns the job's number."""
        self.logs.append(Path(log))
        return self.command("sbatch", "--parsable", f"--output={log}", *arguments, environment=environment,
                            stdin=stdin).strip()

    def job(self, job, name):
        """Returns a field of the job's record."""
        return field(self.command("scontrol", "--oneliner", "show", "job", job), name)

    def states(self, job):
        """Returns the state of a job, or of each task of an array."""
        records = self.command("scontrol", "--oneliner", "show", "job", job).splitlines()
        return [field(record, "JobState") for record in records if record.strip()]

    def state(self, job):
        return self.job(job, "JobState")

    def wait(self, job, seconds=90):
        """Waits until the job, or every task of an array, has ended. Returns the state and exit code of the job, or of
        the array's first task."""
        unfinished = {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"}
        wait_until(lambda: unfinished.isdisjoint(self.states(job)), f"job {job} is over", seconds)
        return self.state(job), int(self.job(job, "ExitCode").split(":")[0])


def field(record, name):
    """Returns the value of NAME=value in scontrol's output. A value that contains spaces ends at the first one."""
    for word in record.split():
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    raise AssertionError(f"no {name} in: {record}")


def read(path):
    try:
        return path.read_bytes()
    except OSError:  # the process has ended
        return b""
