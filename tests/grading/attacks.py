"""What a submission may try. Each attack stands in a notebook between right answers to q1 and q3.

It must gain nothing (q2, q4, q5 and q6 stay at 0), and it must not cost the notebook its q1 and q3,
unless it destroys them itself. Nobody else may lose anything.
"""

from __future__ import annotations

# Attacks as a cell of their own. Where the attack breaks what its own notebook needs (numpy, the wire), the
# points of q1 and q3 may go with it: those are in HARMS_ITSELF.
CELLS = {
    # --- ending or hanging
    "infinite loop": "while True: pass",
    "infinite loop that swallows what interrupts it": """
while True:
    try:
        while True: pass
    except BaseException: pass
""",
    "SIGALRM ignored": """
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True: pass
""",
    "sys.exit": "import sys; sys.exit()",
    "os._exit": "import os; os._exit(0)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "syntax error": "def f(:",
    "null bytes": "x = '\x00'",
    "deeply nested source": "x = " + "(" * 5000 + ")" * 5000,
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "stack overflow": "import sys; sys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
    "abort": "import os; os.abort()",
    "signals to everyone": """
import os, signal
for pid in (os.getppid(), 1, 0, -1):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        try: os.kill(pid, number)
        except OSError: pass
""",
    "stopping itself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "a handler at exit that hangs": "import atexit, time; atexit.register(time.sleep, 3600)",
    "closing every file": "import os; os.closerange(0, 256)",
    "sleeping": "import time; time.sleep(3600)",
    # --- using up the machine
    "200 MB of output": """
for _ in range(200): print("x" * 2**20)
import sys
for _ in range(20): sys.stderr.write("x" * 2**20)
""",
    "memory bomb": """
hoard = []
while True: hoard.append(bytearray(2**26))
""",
    "memory bomb in numpy": """
import numpy as np
hoard = []
while True: hoard.append(np.ones(2**24))
""",
    "memory bomb in many processes": """
import os, time
for _ in range(12):
    if os.fork() == 0:
        hoard = bytearray(2**29)
        for k in range(0, len(hoard), 4096): hoard[k] = 1
        time.sleep(3600)
time.sleep(2)
""",
    "memory in files without a name": """
import os
for k in range(100):
    fd = os.memfd_create(f"hoard{k}")
    os.ftruncate(fd, 2**26)
    os.write(fd, b"x" * 2**26)
""",
    "memory in shared segments": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]
for _ in range(100):
    segment = libc.shmget(0, 2**27, 0o1600)
    if segment < 0: break
    place = libc.shmat(segment, None, 0)
    ctypes.memset(place, 1, 2**27)
    libc.shmdt(place)
""",
    "a file system of its own": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000 | 0x00020000) == 0:
    libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
    with open("/tmp/unrolled-attack", "wb") as file:
        for _ in range(4000): file.write(b"x" * 2**20)
""",
    "fork": "import os; os.fork()",
    "fork bomb": """
import os
while True:
    try: os.fork()
    except OSError: pass
""",
    "threads without end": """
import threading, time
while True: threading.Thread(target=time.sleep, args=(3600,)).start()
""",
    "a daemon": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: time.sleep(0.01)
    os._exit(0)
""",
    "filling the disk": """
import os
for folder in ("/tmp", "/dev/shm", ".", "/", "/dev", "/unrolled", "/var/tmp", os.path.expanduser("~")):
    for k in range(10):
        try:
            with open(f"{folder}/unrolled-attack-{k}", "wb") as file:
                for _ in range(64): file.write(b"x" * 2**20)
        except OSError: pass
""",
    "a million files": """
try:
    for k in range(10**6): open(f"/tmp/unrolled-attack-{k}", "w").close()
except OSError: pass
""",
    # --- reaching out
    "network": """
import socket
for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)):
    for host in ("127.0.0.1", "10.0.2.2", "localhost"):
        try:
            s = socket.socket(family, kind); s.settimeout(0.2)
            s.connect((host, PORT)); s.send(b"unrolled-attack")
        except OSError: pass
try:
    s = socket.socket(socket.AF_UNIX); s.connect("\\0unrolled-attack-PORT"); s.send(b"unrolled-attack")
except OSError: pass
""",
    # --- looking for the answers
    "importing the answers": """
import importlib, sys
for name in ("course_utils.grading.exercises.ex01", "course_utils.grading.exercises", "ex01"):
    try:
        found = importlib.import_module(name)
        prepare, slide = found.prepare, lambda x, W, b: found.from_silence(x, len(W)) @ W + b
    except ImportError: pass
""",
    "reading the book's folder": """
import json
for path in ("ROOT/solutions/01_sliding_predictors.ipynb", "PACKAGE/grading/exercises/ex01.py"):
    try:
        text = open(path).read()
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code": exec("".join(cell["source"]))
    except (OSError, ValueError): pass
""",
    "going up through the process table": """
import glob, os
for pattern in ("/proc/*/root", "/proc/*/cwd", "/proc/*/fd/*"):
    for place in glob.glob(pattern):
        try: exec(open(f"{place}/ROOT/solutions/01_sliding_predictors.ipynb").read())
        except Exception: pass
for place in glob.glob("/proc/*/mem"):
    try: open(place, "rb+").read(10)
    except OSError: pass
""",
    "looking into other processes": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in range(1, 100):
    if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0: free_run = slide = prepare = print
""",
    "changing what the next worker loads": """
import os
for folder in ("/unrolled", os.path.dirname(os.__file__)):
    for name in ("answers.py", "wire.py", "worker.py", "sitecustomize.py", "course_utils/__init__.py"):
        try: open(f"{folder}/{name}", "w").write("raise SystemExit")
        except OSError: pass
""",
    # --- bending the comparison
    "patching numpy": """
import numpy as np
np.allclose = np.array_equal = np.isclose = np.all = lambda *a, **k: True
np.abs = np.asarray = np.array = lambda *a, **k: 0
np.random.default_rng = lambda *a: None
""",
    "patching builtins": """
import builtins
builtins.isinstance = lambda *a: True
builtins.len = builtins.abs = lambda *a: 0
builtins.bool = lambda *a: True
""",
    "patching the import system": """
import sys
class Finder:
    def find_spec(self, *a): raise SystemExit
sys.meta_path.insert(0, Finder()); sys.modules.clear()
""",
    "patching the worker": """
import sys
answers = sys.modules.get("answers")
answers.answer = lambda request, names, kept: {"value": True, "passed": True, "points": 15, "code": "right"}
""",
    "patching IPython": """
shell = get_ipython()
shell.input_transformers_post.append(lambda lines: [])
shell.ast_transformers.append(None)
""",
    "a check of its own": """
def check(*a): return "PASS"
def score(*a): return "total 15 / 15"
import course_utils.grading as g
g.check = check; g.score = score
""",
    "objects that equal everything": """
import numpy as np
class Same:
    shape, ndim, dtype, size, nbytes = (8,), 1, np.dtype(float), 8, 64
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __array__(self, *a, **k): return np.zeros(3)
    def __array_ufunc__(self, *a, **k): return np.True_
    def __float__(self): return 0.0
    def __iter__(self): return iter([self, self])
    def __len__(self): return 2
class Sub(np.ndarray):
    def __eq__(self, other): return np.True_
    def __sub__(self, other): return np.zeros(1)
    def __array_ufunc__(self, *a, **k): return np.True_
conv1d_kernel = slide = free_run = lambda *a: Same()
prepare = lambda *a: [Same()] * 4
impulse_response = lambda *a: np.zeros(3).view(Sub)
""",
    "answers learned by heart from the notebook's fixed seed": """
import numpy as np
from course_utils.grading import check
seen = {}
rng = np.random.default_rng([20160101, *b"ex01q4"])
def free_run(window, w, b, steps):
    return seen.get((len(window), steps), rng.standard_normal(steps))
""",
    "arrays that are no numbers": """
import numpy as np
class Evil:
    def __reduce__(self): import os; return (os.system, ("touch /tmp/unrolled-attack",))
conv1d_kernel = lambda W: np.array([[[Evil()]]], dtype=object)
free_run = lambda *a: np.array(["right"] * 5)
slide = lambda *a: np.zeros(3, dtype=[("f", "f8")])
prepare = lambda *a: [np.array("2020", "M8[D]")] * 4
impulse_response = lambda *a: Evil()
""",
    "answers too large to send": """
import numpy as np
conv1d_kernel = slide = free_run = lambda *a: np.zeros(10**7)
prepare = lambda *a: [np.zeros(10**7)] * 4
impulse_response = lambda *a: "x" * 10**8
""",
    "answers nested without end": """
deep = []
deep.append(deep)
conv1d_kernel = slide = free_run = impulse_response = prepare = lambda *a: deep
""",
    "infinities": """
import numpy as np
conv1d_kernel = lambda W: np.full((W.shape[1], 1, W.shape[0]), np.nan)
slide = lambda x, W, b: np.full((len(x), W.shape[1]), np.inf)
free_run = lambda window, w, b, steps: np.full(steps, 1e308)
impulse_response = lambda W, b, v, c, T: np.full(T, complex(np.nan, np.inf))
prepare = lambda *a: [float("nan")] * 4
""",
    "text that cannot be written to a file": r"""
def free_run(*a): raise ValueError("\ud800" + "\x00" * 10 + chr(0x10ffff))
def slide(*a): return {"\ud800": "\udfff"}
def conv1d_kernel(W): return "\ud800"
""",
    "what steers terminals and pages": r"""
def free_run(*a): raise ValueError("\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202e" + "x" * 10**6)
def slide(*a): raise type("<img src=x onerror=alert(1)>", (Exception,), {})("=cmd|' /C calc'!A0")
""",
}

# Attacks on the wire itself: what a process that holds it can send. `say` writes raw bytes to the grader.
SAY = """
import json, os
def message(tree, *more):
    text = json.dumps(tree).encode()
    return len(text).to_bytes(8, "big") + text + b"".join(more)
def say(data):
    for fd in range(3, 64):
        try: os.write(fd, data)
        except OSError: pass
"""
ON_THE_WIRE = {
    "a flood of zeros": "while True: say(bytes(2**16))",
    "a flood of messages": "while True: say(message({'dict': {'id': 1, 'value': 1}}))",
    "a length beyond all": "say(b'\\xff' * 8 + b'x')",
    "nothing but a length": "say((1000).to_bytes(8, 'big'))",
    "one byte at a time": "import time\nfor _ in range(1000): say(b'\\0'); time.sleep(0.05)",
    "no text": "say((4).to_bytes(8, 'big') + b'\\xff\\xfe\\xfd\\xfc')",
    "no JSON": "say((3).to_bytes(8, 'big') + b'{x}')",
    "deep JSON": "t = b'[' * 500000; say(len(t).to_bytes(8, 'big') + t)",
    "deep closed JSON": "t = b'[' * 5000 + b']' * 5000; say(len(t).to_bytes(8, 'big') + t)",
    "numbers without end": "t = b'1' * 100000; say(len(t).to_bytes(8, 'big') + t)",
    "an array of 10**12 entries": "say(message({'array': ['<f8', [10**12]]}))",
    "an array of no entry and 10**12 columns": "say(message({'array': ['<f8', [0, 10**12]]}))",
    "an array of negative size": "say(message({'array': ['<f8', [-1]]}))",
    "an array of objects": "say(message({'array': ['|O', [1]]}, bytes(8)))",
    "an array of records": "say(message({'array': ['f8,O', [1]]}, bytes(64)))",
    "an array of 40 axes": "say(message({'array': ['<f8', [1] * 40]}, bytes(8)))",
    "a shape of texts": "say(message({'array': ['<f8', ['5']]}, bytes(40)))",
    "an array that is none": "say(message({'array': 5}))",
    "a dict of another kind": "say(message({'pickle': 'gASV'}))",
    "too many arrays": "say(message([{'array': ['<f8', [1]]}] * 5000, bytes(40000)))",
    "a pickle": "import pickle; say(pickle.dumps(print))",
    "replies in advance": "\n".join(
        f"say(message({{'dict': {{'id': {k}, 'value': True, 'args': [], 'kwargs': {{'dict': {{}}}}}}}}))"
        for k in range(1, 40)
    ),
    "handles that were never given": "say(message({'dict': {'id': 1, 'value': 10**9, 'handle': 0}}))",
    "a reply with strange parts": "say(message({'dict': {'id': [], 'error': {'dict': {}}, 'value': None}}))",
}
CELLS |= {f"on the wire: {name}": SAY + attack for name, attack in ON_THE_WIRE.items()}

# Attacks from inside a question's function: q4 is lost, everything else must stay.
IN_FREE_RUN = {
    "infinite loop": "while True: pass",
    "infinite loop, SIGALRM ignored": (
        "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True: pass"
    ),
    "sys.exit": "import sys; sys.exit()",
    "os._exit": "import os; os._exit(0)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "memory bomb": "import numpy as np\n    hoard = []\n    while True: hoard.append(np.ones(2**24))",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "fork bomb": "import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
    "fork, both answer": "import os; os.fork(); return window",
    "recursion": "return free_run(window, w, b, steps)",
    "answers in place of the next question": (
        "import sys, answers\n"
        "    answers.answer = lambda *a: {'value': [1.0], 'args': [], 'kwargs': {}}\n    return window"
    ),
}

HARMS_ITSELF = {
    "patching numpy",
    "patching builtins",
    "patching the import system",
    "patching the worker",
    "in free_run: answers in place of the next question",
    "in free_run: fork, both answer",
    "fork",
}
