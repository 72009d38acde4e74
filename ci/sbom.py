#!/usr/bin/env python3
"""A list of all parts of a package, in SPDX 2.3 as JSON: what was downloaded, by its pinned hashes, what was linked into it from
Debian's packages, and each file's checksum.

sbom.py VERSION FOLDER >FILE
"""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
WHEEL = re.compile(r"^([a-z0-9-]+)==(\S+) --hash=sha256:([0-9a-f]{64})")
LICENSES = {"torch": "BSD-3-Clause", "nvidia-cuda-cupti": "LicenseRef-NVIDIA", "nvidia-cuda-runtime": "LicenseRef-NVIDIA",
            "ffmpeg": "GPL-2.0-or-later", "libcli11-dev": "BSD-3-Clause", "libexif-dev": "LGPL-2.1-or-later",
            "libfmt-dev": "MIT", "libpng-dev": "libpng-2.0", "libseccomp-dev": "LGPL-2.1-only", "libsimde-dev": "MIT",
            "libssl-dev": "Apache-2.0", "libturbojpeg0-dev": "BSD-3-Clause", "libvpx-dev": "BSD-3-Clause",
            "libwebp-dev": "BSD-3-Clause", "libx264-dev": "GPL-2.0-or-later", "libx265-dev": "GPL-2.0-or-later",
            "libaom-dev": "BSD-2-Clause", "libnuma-dev": "LGPL-2.1-only", "libzimg-dev": "WTFPL", "lcms2": "MIT",
            "nlohmann-json3-dev": "MIT",
            "zlib1g-dev": "Zlib", "libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1"}


def part(name, version, sha256=None, location=None):
    result = {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version,
              "downloadLocation": location or "NOASSERTION", "filesAnalyzed": False, "copyrightText": "NOASSERTION",
              "licenseConcluded": LICENSES[name], "licenseDeclared": LICENSES[name]}
    if sha256:
        result["checksums"] = [{"algorithm": "SHA256", "checksumValue": sha256}]
    return result


def wheels():
    for line in (PROJECT / "ci/libtorch.txt").read_text(encoding="utf-8").splitlines():
        if found := WHEEL.match(line):
            name, version, sha256 = found.groups()
            yield part(name, version, sha256, f"https://pypi.org/project/{name}/{version}/")
    yield part("libgomp", "as in the wheel of torch")


def sources():
    script = (PROJECT / "ci/ffmpeg.sh").read_text(encoding="utf-8")
    words = dict(re.findall(r"^(\w+)=(\S+)$", script, re.MULTILINE))
    for name in ("ffmpeg", "lcms2"):
        version = words[f"{name}_version"]
        yield part(name, version, words[f"{name}_sha256"], words[f"{name}_address"].replace(f"${name}_version", version))


def debian_packages():
    recipe = (PROJECT / "ci/packages/licenses.cmake").read_text(encoding="utf-8")
    for name in sorted(set(" ".join(re.findall(r"set\(passed_on_\w+ ([^)]*)\)", recipe)).split())):
        if name != "libgomp1":  # LibTorch's own
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], check=True, capture_output=True,
                                     text=True).stdout
            yield part(name, version, None, f"https://packages.debian.org/{name}")


def files(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            content = path.read_bytes()
            yield {"SPDXID": "SPDXRef-file-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "fileName": f"./{name}",
                   "checksums": [{"algorithm": kind, "checksumValue": hashlib.new(kind, content).hexdigest()}
                                 for kind in ("SHA1", "SHA256")],
                   "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"}


def main():
    version, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    own = {"SPDXID": "SPDXRef-package", "name": "obs-background-matting", "versionInfo": version, "downloadLocation": "NOASSERTION",
           "filesAnalyzed": False, "licenseConcluded": "GPL-2.0-or-later", "licenseDeclared": "GPL-2.0-or-later",
           "copyrightText": "NOASSERTION"}
    parts = [*wheels(), *sources(), *debian_packages()]
    found = list(files(folder))
    identity = hashlib.sha256("".join(file["checksums"][1]["checksumValue"] for file in found).encode()).hexdigest()
    time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    print(json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"obs-background-matting-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/obs-background-matting-{version}-{identity}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: ci/sbom.py"]},
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-NVIDIA", "name": "NVIDIA's licence for CUDA",
                                        "extractedText": "licenses/nvidia_cuda_runtime/License.txt in the package"}],
        "packages": [own, *parts], "files": found,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-package"},
            *({"spdxElementId": "SPDXRef-package", "relationshipType": "CONTAINS", "relatedSpdxElement": each["SPDXID"]}
              for each in [*parts, *found])]}, indent=1))


if __name__ == "__main__":
    main()
