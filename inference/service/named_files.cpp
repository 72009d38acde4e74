// SPDX-License-Identifier: GPL-2.0-or-later
#include "named_files.hpp"

#include "inference/wire/apart.hpp"

#include <system_error>
#include <utility>

namespace matting {
namespace {

constexpr auto patience = std::chrono::seconds(1);

} // namespace

NamedFile NamedFiles::open(const std::string &path)
try {
	if (const auto before = opening_.find(path); before != opening_.end()) {
		if (!is_ready(before->second))
			return {{}, /*answers=*/false};
		opening_.erase(before); // it is of then
	}
	std::future<InputFile> file = begin_apart([path] { return InputFile(path); });
	if (file.wait_for(patience) == std::future_status::ready)
		return {file.get()};
	opening_.emplace(path, std::move(file));
	return {{}, /*answers=*/false};
} catch (const std::system_error &) { // there is no thread to be had now
	return {InputFile(path)};
}

} // namespace matting
