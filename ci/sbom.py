#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
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
import urllib.parse

PROJECT = pathlib.Path(__file__).resolve().parent.parent
WHEEL = re.compile(r"^([a-z0-9-]+)==(\S+) --hash=sha256:([0-9a-f]{64})")
LICENSES = {"torch": "BSD-3-Clause", "nvidia-cuda-cupti": "LicenseRef-NVIDIA", "nvidia-cuda-runtime": "LicenseRef-NVIDIA",
            "ffmpeg": "GPL-2.0-or-later", "libcli11-dev": "BSD-3-Clause",
            "libfmt-dev": "MIT", "libpng-dev": "libpng-2.0", "libseccomp-dev": "LGPL-2.1-only", "libsimde-dev": "MIT",
            "libssl-dev": "Apache-2.0", "libturbojpeg0-dev": "IJG AND BSD-3-Clause AND Zlib", "libvpx-dev": "BSD-3-Clause",
            "libwebp-dev": "BSD-3-Clause", "libx264-dev": "GPL-2.0-or-later", "libx265-dev": "GPL-2.0-or-later",
            "libaom-dev": "BSD-2-Clause", "libnuma-dev": "LGPL-2.1-only", "libzimg-dev": "WTFPL", "lcms2": "MIT",
            "nlohmann-json3-dev": "MIT", "onemkl": "LicenseRef-Intel", "zlib1g-dev": "Zlib",
            "libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1"}
# Of what is made of them. OpenSSL 3 (Apache-2.0) goes with version 3 of the GPL only. What PyTorch has put into its library is
# too much for an expression: its LICENSE lists it.
BINARIES = {"background-matting": "GPL-3.0-or-later", "obs-background-matting.so": "GPL-2.0-or-later",
            "libbackground-matting-cuda.so": "GPL-2.0-or-later AND LicenseRef-NVIDIA",
            "libbackground-matting-drawing.so": "GPL-2.0-or-later", "libbackground-matting-ffmpeg.so": "GPL-2.0-or-later",
            "libc10.so": "BSD-3-Clause", "libtorch_cpu.so": "NOASSERTION",
            "libgomp.so.1": LICENSES["libgomp"], "libcudart.so.13": "LicenseRef-NVIDIA", "libcupti.so.13": "LicenseRef-NVIDIA"}
# What is linked into them. Links between files (lib*.so.N) are not listed: they have no content of their own.
LINKED = {"background-matting": ["libcli11-dev", "libfmt-dev", "libpng-dev", "libseccomp-dev", "libssl-dev",
                                 "libturbojpeg0-dev", "libwebp-dev", "nlohmann-json3-dev", "zlib1g-dev"],
          "obs-background-matting.so": ["libfmt-dev", "libsimde-dev"],
          "libbackground-matting-cuda.so": ["libfmt-dev", "nvidia-cuda-runtime", "torch"],
          "libbackground-matting-ffmpeg.so": ["ffmpeg", "lcms2", "libfmt-dev", "zlib1g-dev"],
          "libtorch_cpu.so": ["torch", "onemkl"]}
# Of Debian's packages, as libraries that lie beside it.
SHARED = {"libbackground-matting-ffmpeg.so": ["libaom-dev", "libnuma-dev", "libvpx-dev", "libwebp-dev", "libx264-dev",
                                              "libx265-dev", "libzimg-dev"]}
# It names its file of symbols, and so the package that it is from: AlmaLinux's, on which PyTorch builds.
LIBGOMP = re.compile(rb"libgomp\.so\.1\.0\.0-(\S+\.alma\S*)\.x86_64\.debug")


def part(name, version, sha256=None, location="NOASSERTION", purl=None, source=None, license=None):
    license = license or LICENSES[name]
    result = {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version,
              "downloadLocation": location, "filesAnalyzed": False, "copyrightText": "NOASSERTION",
              "licenseConcluded": "NOASSERTION" if name == "torch" else license, "licenseDeclared": license}
    if sha256:
        result["checksums"] = [{"algorithm": "SHA256", "checksumValue": sha256}]
    if purl:
        result["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
    if source:
        result["sourceInfo"] = f"source package: {source}"
    return result


def libgomp(folder):
    found = LIBGOMP.search(next(folder.rglob("libgomp.so.1")).read_bytes())
    version = found.group(1).decode() if found else "of unknown origin"
    if version not in (PROJECT / "ci/packages/README.md").read_text(encoding="utf-8"):
        sys.exit(f"sbom: libgomp.so.1 is {version}: name that, and where its source is, in ci/packages/README.md")
    return part("libgomp", version, None, purl=f"pkg:rpm/almalinux/libgomp@{version}?arch=x86_64", source=f"gcc {version}")


def pinned(name, **more):
    for line in (PROJECT / "ci" / name).read_text(encoding="utf-8").splitlines():
        if found := WHEEL.match(line):
            wheel, version, sha256 = found.groups()
            yield part(wheel, version, sha256, purl=f"pkg:pypi/{wheel}@{version}", **more)


def wheels(folder):
    yield from pinned("libtorch.txt")
    yield libgomp(folder)
    yield part("onemkl", "as in the wheel of torch")


def compilers():
    """NVIDIA's: nothing of them is passed on but its runtime, which is among the wheels."""
    return [each for each in pinned("cuda_compiler.txt", license="LicenseRef-NVIDIA") if each["name"] != "nvidia-cuda-runtime"]


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
            shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}|${Architecture}|${source:Package} ${source:Version}", name],
                                   check=True, capture_output=True, text=True).stdout
            version, architecture, source = shown.split("|")
            yield part(name, version, source=source,
                       purl=f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={architecture}")


def license_of(path):
    if path.name in BINARIES:
        return BINARIES[path.name]
    if "/data/" in path.as_posix() or path.name == "LICENSE":  # the model, too
        return "GPL-2.0-or-later"
    library = path.name.split(".so")[0].replace("libsharpyuv", "libwebp")  # which come together
    return LICENSES.get(f"{library}-dev", "NOASSERTION")


def files(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            content = path.read_bytes()
            yield {"SPDXID": "SPDXRef-file-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "fileName": f"./{name}",
                   "checksums": [{"algorithm": kind, "checksumValue": hashlib.new(kind, content).hexdigest()}
                                 for kind in ("SHA1", "SHA256")],
                   "licenseConcluded": license_of(path.relative_to(folder)), "copyrightText": "NOASSERTION"}


def relationships(found, parts, tools):
    """What the package has, and which parts are in which binary."""
    yield "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-package"
    for each in [*parts, *found]:
        yield "SPDXRef-package", "CONTAINS", each["SPDXID"]
    known = {each["SPDXID"] for each in parts}
    for file in found:
        for kind, linked in (("STATIC_LINK", LINKED), ("DYNAMIC_LINK", SHARED)):
            for name in linked.get(file["fileName"].rsplit("/", 1)[1], []):
                if f"SPDXRef-{name}" not in known:
                    sys.exit(f"sbom: {name} is linked into {file['fileName']} and not listed")
                yield file["SPDXID"], kind, f"SPDXRef-{name}"
    for each in tools:
        yield each["SPDXID"], "BUILD_TOOL_OF", "SPDXRef-package"


def verification_code(found):
    """SPDX 2.3, 7.9: of the SHA-1 of all files, sorted."""
    return hashlib.sha1("".join(sorted(file["checksums"][0]["checksumValue"] for file in found)).encode()).hexdigest()


def main():
    version, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    found = list(files(folder))
    own = {"SPDXID": "SPDXRef-package", "name": "obs-background-matting", "versionInfo": version, "downloadLocation": "NOASSERTION",
           "filesAnalyzed": True, "packageVerificationCode": {"packageVerificationCodeValue": verification_code(found)},
           "licenseConcluded": "NOASSERTION", "licenseComments": "Each file and each part has its own, see there.",
           "licenseDeclared": "GPL-2.0-or-later", "copyrightText": "NOASSERTION"}
    nvidia = next(folder.rglob("nvidia_cuda_runtime/License.txt"))  # CUPTI's is the same
    parts, tools = [*wheels(folder), *sources(), *debian_packages()], compilers()
    identity = hashlib.sha256("".join(file["checksums"][1]["checksumValue"] for file in found).encode()).hexdigest()
    time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    print(json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"obs-background-matting-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/obs-background-matting-{version}-{identity}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: ci/sbom.py"]},
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-NVIDIA", "name": "NVIDIA's licence for CUDA",
                                        "extractedText": nvidia.read_text(encoding="utf-8")},
                                       {"licenseId": "LicenseRef-Intel", "name": "Intel Simplified Software License",
                                        "extractedText": (PROJECT / "ci/packages/mkl/LICENSE.txt").read_text(encoding="utf-8")}],
        "packages": [own, *parts, *tools], "files": found,
        "relationships": [{"spdxElementId": of, "relationshipType": kind, "relatedSpdxElement": to}
                          for of, kind, to in relationships(found, parts, tools)]}, indent=1))


if __name__ == "__main__":
    main()
