// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/bitmap.hpp"
#include "inference/figures.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace matting {

// Note [Who walks through the plate]
// Frames are added up in four groups, one after the other. Where something moved, a group differs from the others by more than
// its noise: the background is the mean of those that agree with the middle two. And if that is so in many places close to each
// other, somebody was in the picture, or the camera or its light changed.

/// The mean of several frames, which becomes the background. Thread-safety: none.
class Capture {
public:
	struct Plate {
		Bitmap bitmap;
		PlateFlaw flaw;
	};

	Capture(std::filesystem::path path, uint32_t count) : path_(std::move(path)), count_(count) {}

	const std::filesystem::path &path() const { return path_; }
	uint32_t missing() const { return count_ - collected_; }
	/// Frames of another size than those before start it anew.
	void add(const Picture &frame);
	/// Once none is missing.
	Plate plate() const;

private:
	static constexpr uint32_t groups = 4;
	struct Level {
		uint8_t value;
		bool has_changed; // while it was captured
	};
	Level level(size_t i) const;
	uint32_t group_of(uint32_t frame) const { return static_cast<uint32_t>(uint64_t{groups} * frame / count_); }

	std::filesystem::path path_;
	uint32_t count_;
	uint32_t collected_ = 0;
	int width_ = 0, height_ = 0;
	std::array<std::vector<uint32_t>, groups> sums_;
	std::array<uint32_t, groups> frames_{};
};

} // namespace matting
