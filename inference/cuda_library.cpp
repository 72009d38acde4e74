// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_library.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <mutex>

#include <dlfcn.h>
#include <fmt/format.h>

namespace matting {
namespace {

// Never closed: CUDA does not survive that.
const CudaBackend *load()
{
	const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
	const auto path = folder / cuda_library_name;
	if (!std::filesystem::exists(path))
		throw Error(
			fmt::format("the CUDA part of the engine is not installed: there is no {} in {}; install it "
				    "(the README says how), or use the device cpu",
				    cuda_library_name, folder.string()));
	void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
	if (!library)
		throw Error(
			fmt::format("the CUDA part of the engine cannot be loaded: {}; install the plugin again, or "
				    "use the device cpu",
				    dlerror()));
	const auto entry = reinterpret_cast<CudaEntryPoint *>(dlsym(library, "background_matting_cuda"));
	const CudaBackend *backend = entry ? entry(cuda_interface) : nullptr;
	if (!backend)
		throw Error(fmt::format("{} is not of this release: install the plugin again, or use the device cpu",
					path.string()));
	return backend;
}

// N of cuda:N, or -1.
int device_number(const std::string &device)
{
	if (device == "cuda")
		return 0;
	int number = -1;
	const char *begin = device.data() + std::min<size_t>(device.size(), 5), *end = device.data() + device.size();
	const auto [parsed, error] = std::from_chars(begin, end, number);
	return error == std::errc() && parsed == end && number >= 0 ? number : -1;
}

} // namespace

const CudaBackend &cuda_backend()
{
	static std::mutex mutex;
	static const CudaBackend *backend = nullptr;
	const std::lock_guard lock(mutex);
	if (!backend)
		backend = load();
	return *backend;
}

bool is_cuda(const std::string &device)
{
	return device == "cuda" || device.starts_with("cuda:");
}

CudaDevice find_cuda_device(const std::string &device)
{
	const int number = device_number(device);
	const auto devices = cuda_backend().devices();
	for (const CudaDevice &candidate : devices)
		if (candidate.index == number)
			return candidate;
	std::string list;
	for (const CudaDevice &candidate : devices)
		list += fmt::format("{}cuda:{} ({})", list.empty() ? "" : ", ", candidate.index, candidate.name);
	throw Error(fmt::format("there is no device {}: this machine has {}", device, list));
}

} // namespace matting
