// SPDX-License-Identifier: GPL-2.0-or-later
// Procedural training pictures: rooms, people, objects and what a camera does to them. No photograph, no data set.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

namespace matting::training {

/// One training example. fp32 in 0..1, RGB, sRGB-encoded.
struct Sample {
	at::Tensor source;     ///< (3, H, W): the camera's picture
	at::Tensor background; ///< (3, H, W): the background plate, as the camera has taken it
	at::Tensor alpha;      ///< (1, H, W)
	at::Tensor foreground; ///< (3, H, W): straight colour; 0 where alpha is 0
};

/// Several, stacked along a first dimension; channels-last in memory.
struct Samples {
	at::Tensor source, background, alpha, foreground;

	Sample operator[](int64_t number) const
	{
		return {source.select(0, number), background.select(0, number), alpha.select(0, number),
			foreground.select(0, number)};
	}
};

/// What part of a frame each sample shows.
struct Crops {
	int width, height;
	/// For each sample, the height of the whole frame in the same pixels: a frame of 1080 lines downsampled to a quarter
	/// has 270.
	std::vector<double> frame_heights;
	int stride = 1; ///< of the pixels and rows that are drawn one in so many is kept: the first, and so on
};

struct GeneratorSettings {
	uint64_t seed = 0;
	int sprites = 1000; ///< people and objects that there are
	int rooms = 600;
	at::Device device = at::kCPU; ///< where the samples are made and stay
	/// All sprites and rooms are drawn at once, by all cores, and stay on the device (3 MB each); otherwise when they are
	/// first asked for, and only the latest stay. Samples are others then.
	bool keeps_all = false;
	int together =
		1; ///< so many samples are made at once: 1 suits the caches of a processor, all of a batch a card
};

/// Sample `index` is always the same, whichever were made before, on every machine where the same compiler has made the
/// program; and, but for rounding, whichever are made together with it. Thread-safety: safe.
class Generator {
public:
	virtual ~Generator() = default;

	/// Samples `first` and on, as many as there are crops.
	virtual Samples make(uint64_t first, const Crops &crops) const = 0;
};

/// Throws std::invalid_argument.
std::unique_ptr<Generator> make_generator(const GeneratorSettings &settings);

/// What draws links cairo, and is a part of the program of its own, loaded when pictures are wanted.
using GeneratorMaker = decltype(make_generator);

/// What program and library must agree on: the types above and the release.
inline constexpr const char *drawing_interface = MATTING_VERSION ", drawing interface 3";

} // namespace matting::training
