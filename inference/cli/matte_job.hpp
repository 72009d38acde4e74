// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "matte_arguments.hpp"

#include <filesystem>
#include <memory>

namespace matting {

/// One source after the other through one engine. Thread-safety: none.
class MatteJob {
public:
	/// Opens what all sources share. `sources`: all of them, none of which is written over. `into_folder`: that is what the
	/// arguments' outputs are. Throws Error.
	MatteJob(const MatteArguments &arguments, const std::vector<std::filesystem::path> &sources, bool into_folder);
	~MatteJob();

	/// Throws Error. What is good before a frame that is damaged is kept.
	void run(const std::filesystem::path &source);

private:
	struct State;
	std::unique_ptr<State> state_;
};

} // namespace matting
