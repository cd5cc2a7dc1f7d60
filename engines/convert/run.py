"""
Runs the converter of llama.cpp on one folder. Its order comes as JSON in the first argument; the last line on stdout is JSON
that says what came of it. It ends when stdin does, and with it whoever asked for the work.
"""

import json
import os
import sys
import threading
from pathlib import Path

order = json.loads(sys.argv[1])
here = Path(__file__).parent


def answer(**said) -> None:
    print(json.dumps(said), flush=True)


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(3)


def prepare() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(order["niceness"])
    sys.path.remove(str(here))
    if order["standIn"]:
        sys.path.insert(0, str(here / "stand-in"))
    sys.path.insert(0, order["converter"])


def convert() -> None:
    import convert_hf_to_gguf
    from conversion import ModelBase, ModelType, TextModel, get_model_architecture, get_model_class

    hparams = ModelBase.load_hparams(Path(order["folder"]), False)
    architecture = get_model_architecture(hparams, ModelType.TEXT)
    try:
        get_model_class(architecture)
    except NotImplementedError:
        return answer(fault="architecture", message=architecture)
    if order["preTokenizer"]:
        TextModel.get_vocab_base_pre = lambda self, tokenizer: order["preTokenizer"]
    sys.argv = ["convert_hf_to_gguf.py", order["folder"], "--outfile", order["target"], "--model-name", order["name"]]
    convert_hf_to_gguf.main()
    with open(order["target"], "rb+") as file:
        os.fsync(file.fileno())
    answer(done=True)


def fault_of(error: BaseException) -> dict:
    said = f"{type(error).__name__}: {error}".strip()[:1000]
    if isinstance(error, NotImplementedError) and "pre-tokenizer" in str(error):
        return {"fault": "tokenizer", "message": said}
    if type(error).__name__ == "Lacking" or (isinstance(error, ImportError) and (error.name or "").startswith("torch")):
        return {"fault": "lacking", "message": str(error)[:1000]}
    if isinstance(error, OSError) and error.errno is not None:
        return {"fault": "system", "message": said, "errno": error.errno}
    return {"fault": "other", "message": said}


prepare()
try:
    convert()
except BaseException as error:  # whatever ends it is told to whoever asked
    answer(**fault_of(error))
