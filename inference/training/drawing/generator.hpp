// SPDX-License-Identifier: GPL-2.0-or-later
// Procedural training pictures: rooms, people, objects and what a camera does to them. No photograph, no data set.
#pragma once

#include <cstdint>
#include <memory>

#include <ATen/core/Tensor.h>

namespace matting::training {

/// One training example. fp32 in 0..1, RGB, sRGB-encoded.
struct Sample {
	at::Tensor source;     ///< (3, H, W): the camera's picture
	at::Tensor background; ///< (3, H, W): the background plate, as the camera has taken it
	at::Tensor alpha;      ///< (1, H, W)
	at::Tensor foreground; ///< (3, H, W): straight colour; 0 where alpha is 0
};

/// What part of a frame a sample shows.
struct Crop {
	int width, height;
	/// Height of the whole frame, in pixels of the sample: a frame of 1080 lines downsampled to a quarter has 270.
	double frame_height;
};

struct GeneratorSettings {
	uint64_t seed = 0;
	int sprites = 1000; ///< people and objects that there are
	int rooms = 600;
};

/// Sample `index` is always the same, whichever were made before, on every machine where the same compiler has made the
/// program. Thread-safety: safe.
class Generator {
public:
	virtual ~Generator() = default;

	virtual Sample make(uint64_t index, const Crop &crop) const = 0;
};

/// Throws std::invalid_argument.
std::unique_ptr<Generator> make_generator(const GeneratorSettings &settings);

/// What draws links cairo, and is a part of the program of its own, loaded when pictures are wanted.
using GeneratorMaker = decltype(make_generator);

/// What program and library must agree on: the types above and the release.
inline constexpr const char *drawing_interface = MATTING_VERSION ", drawing interface 2";

} // namespace matting::training
