// SPDX-License-Identifier: GPL-2.0-or-later
// The files that messages name.
#pragma once

#include "inference/input_file.hpp"

#include <chrono>
#include <future>
#include <map>
#include <string>

namespace matting {

struct NamedFile {
	InputFile file;
	bool answers = true; ///< false: its disk does not, and the file is none
};

/// Opens them, and waits for none for long: one on a computer that is switched off would hold up the messages of all filters.
/// Whoever waits is a thread that is nobody's, one for each file. Thread-safety: none.
class NamedFiles {
public:
	/// Has a second, but none where the disk did not answer the last time and still does not.
	NamedFile open(const std::string &path);

private:
	std::map<std::string, std::future<InputFile>> opening_; // with disks that have not answered
};

} // namespace matting
