// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/bitmap.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace matting {

/// The mean of several frames, which becomes the background.
class Capture {
public:
	Capture(std::filesystem::path path, uint32_t count) : path_(std::move(path)), count_(count) {}

	const std::filesystem::path &path() const { return path_; }
	uint32_t missing() const { return count_ - collected_; }
	/// Frames of another size than those before start it anew.
	void add(const Picture &frame);
	Bitmap mean() const;

private:
	std::filesystem::path path_;
	uint32_t count_;
	uint32_t collected_ = 0;
	int width_ = 0, height_ = 0;
	std::vector<uint32_t> sums_;
};

} // namespace matting
