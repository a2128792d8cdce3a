"""What the readers that people use find in an export, as one JSON object; `main.rs` holds it against the CSV files.

    readers.py pandas|pyarrow|duckdb|tensorboard|json PATH

Numbers that JSON has not are the texts "NaN", "inf" and "-inf", a missing value is null. Without the package the code is 77.
"""

import json
import math
import pathlib
import sys

ABSENT = 77


def plain(x):
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return x


def tables(path, read):
    """Of each file its columns, in their order."""
    files = sorted(pathlib.Path(path).glob("*.parquet"))
    return {f.stem: [[name, [plain(x) for x in values]] for name, values in read(f)] for f in files}


def by_pandas(path):
    import pandas

    # Of pandas' own kinds of columns, NaN would stand for a missing number too.
    def read(file):
        frame = pandas.read_parquet(file, dtype_backend="pyarrow")
        for name in frame:
            yield name, frame[name].array.__arrow_array__().to_pylist()

    return tables(path, read)


def by_pyarrow(path):
    import pyarrow.parquet

    def read(file):
        table = pyarrow.parquet.read_table(file)
        return [(name, table[name].to_pylist()) for name in table.column_names]

    return tables(path, read)


def by_duckdb(path):
    import duckdb

    def read(file):
        found = duckdb.execute(f"select * from '{file}'")
        names = [column[0] for column in found.description]
        return zip(names, zip(*found.fetchall()))

    return tables(path, read)


def by_tensorboard(path):
    from tensorboard.backend.event_processing import event_accumulator, event_multiplexer
    from tensorboard.plugins.hparams import metadata

    everything = {kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE}
    multiplexer = event_multiplexer.EventMultiplexer(size_guidance=everything).AddRunsFromDirectory(path)
    multiplexer.Reload()
    runs = {}
    for run, tags in multiplexer.Runs().items():
        said = multiplexer.GetAccumulator(run).SummaryMetadata
        begun = said(metadata.SESSION_START_INFO_TAG).plugin_data.content
        ended = said(metadata.SESSION_END_INFO_TAG).plugin_data.content
        settings = metadata.parse_session_start_info_plugin_data(begun)
        value = lambda setting: getattr(setting, setting.WhichOneof("kind"))
        runs[run] = {
            "scalars": {tag: [[e.step, plain(e.value)] for e in multiplexer.Scalars(run, tag)] for tag in tags["scalars"]},
            "settings": {name: value(setting) for name, setting in settings.hparams.items()},
            "group": settings.group_name,
            "success": metadata.parse_session_end_info_plugin_data(ended).status == 1,
        }
    return runs


def by_json(path):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads(pathlib.Path(path).read_text(), parse_constant=refuse)


reader, path = sys.argv[1:]
try:
    found = globals()["by_" + reader](path)
except ImportError as absent:
    sys.exit(print(absent, file=sys.stderr) or ABSENT)
json.dump(found, sys.stdout, allow_nan=False)
