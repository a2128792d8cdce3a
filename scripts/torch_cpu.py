#!/usr/bin/env python3
"""Install torch for CPU use without the 3 GB of CUDA libraries its wheel asks for.

    python scripts/torch_cpu.py VENV

Not needed where `pip install torch` fits (about 6 GB). Creates VENV if it is missing, installs
the wheel without its dependencies, then the few that a CPU needs, and compiles empty
stand-ins for the CUDA libraries that the wheel links against: the loader wants to find them,
but nothing calls them on a machine without a GPU. Every stand-in function returns the CUDA
code "unknown error". Needs gcc and readelf (binutils). `pip check` will go on complaining.
"""

import re
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from pathlib import Path

TORCH = "torch==2.15.0"
# The CUDA runtime and its profiler are small and are called at import: these two stay real.
REAL = ["nvidia-cuda-runtime==13.2.*", "nvidia-cuda-cupti==13.2.*"]
PURE = ["filelock", "typing-extensions>=4.13", "setuptools>=77", "sympy", "networkx", "jinja2", "fsspec"]

CUDA_LIBRARY = re.compile(r"lib(cublas|cublasLt|cudnn|cufft|cufile|cusolver|cusparse|cusparseLt|nccl|nvJitLink|nvrtc|nvshmem_host)\.so")
CUDA_SYMBOL = re.compile(r"(cublas|cudnn|cufft|cuFile|cusolver|cusparse|p?nccl|nvJitLink|nvrtc|nvshmem)")


def readelf(option, library):
    return subprocess.run(["readelf", option, "-W", library], check=True, capture_output=True, text=True).stdout


def wanted(libraries):
    """What torch asks for: {stand-in: {symbol version, or "" for none: symbols}}."""
    wants = defaultdict(lambda: defaultdict(set))
    owner = {}  # symbol version -> the library that must define it
    unversioned = set()
    for library in libraries:
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", readelf("-d", library)):
            if CUDA_LIBRARY.match(name):
                wants[name]
        current = None
        for line in readelf("-V", library).splitlines():
            if found := re.search(r"File: (\S+)", line):
                current = found[1]
            elif (found := re.search(r"Name: (\S+) +Flags", line)) and current and CUDA_LIBRARY.match(current):
                owner[found[1]] = current
                wants[current][found[1]]
        for line in readelf("--dyn-syms", library).splitlines():
            columns = line.split()
            if len(columns) < 8 or columns[6] != "UND":
                continue
            name, _, symbol_version = columns[7].partition("@")
            if symbol_version in owner:
                wants[owner[symbol_version]][symbol_version].add(name)
            elif not symbol_version and CUDA_SYMBOL.match(name):
                unversioned.add(name)
    # Symbols without a version are looked up in every loaded library, so one may hold them all.
    wants[min(wants)][""] |= unversioned
    return wants


def compile_stand_in(name, versions, folder):
    with tempfile.TemporaryDirectory() as scratch:
        source, script = Path(scratch, "stand_in.c"), Path(scratch, "versions.map")
        symbols = sorted(set().union(*versions.values()))
        source.write_text("".join(f"int {s}(void) {{ return 999; }}\n" for s in symbols))
        command = ["gcc", "-shared", "-fPIC", "-w", "-o", folder / name, source, f"-Wl,-soname,{name}"]
        named = {v: s for v, s in versions.items() if v}
        if named:
            script.write_text("".join(f"{v} {{ {'global: ' if s else ''}{''.join(n + '; ' for n in sorted(s))}}};\n" for v, s in named.items()))
            command.append(f"-Wl,--version-script={script}")
        subprocess.run(command, check=True)
    print(f"{name}: {len(symbols)} functions")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = Path(sys.argv[1])
    if not (root / "bin/python").exists():
        venv.create(root, with_pip=True)
    python = root / "bin/python"
    install = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--no-deps", TORCH, *REAL], check=True)
    subprocess.run([*install, "numpy", *PURE], check=True)
    [folder] = root.glob("lib/python3*/site-packages/torch/lib")
    for name, versions in sorted(wanted(sorted(folder.glob("*.so"))).items()):
        compile_stand_in(name, versions, folder)
    subprocess.run([python, "-c", "import torch; print('torch', torch.__version__, 'gpu', torch.cuda.is_available())"], check=True)


if __name__ == "__main__":
    main()
