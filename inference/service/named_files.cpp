// SPDX-License-Identifier: GPL-2.0-or-later
#include "named_files.hpp"

#include <system_error>
#include <thread>
#include <utility>

namespace matting {
namespace {

constexpr auto patience = std::chrono::seconds(1);

// Not by std::async, whose future waits when it is destroyed.
std::future<InputFile> begin_opening(const std::string &path)
{
	std::packaged_task<InputFile()> task([path] { return InputFile(path); });
	auto file = task.get_future();
	std::thread(std::move(task)).detach();
	return file;
}

bool is_ready(const std::future<InputFile> &file, std::chrono::seconds wait)
{
	return file.wait_for(wait) == std::future_status::ready;
}

} // namespace

NamedFile NamedFiles::open(const std::string &path)
try {
	if (const auto before = opening_.find(path); before != opening_.end()) {
		if (!is_ready(before->second, std::chrono::seconds(0)))
			return {{}, /*answers=*/false};
		opening_.erase(before); // it is of then
	}
	std::future<InputFile> file = begin_opening(path);
	if (is_ready(file, patience))
		return {file.get()};
	opening_.emplace(path, std::move(file));
	return {{}, /*answers=*/false};
} catch (const std::system_error &) { // there is no thread to be had now
	return {InputFile(path)};
}

} // namespace matting
