// SPDX-License-Identifier: GPL-2.0-or-later
// What finishing is made of, where the pictures lie: on the CPU, or in a device's memory with the same result; to the byte, but for
// `solve`, which may differ by one, in large pictures by one at each size.
#pragma once

#include "matting.hpp"

#include <array>
#include <memory>
#include <vector>

namespace matting {

/// Works on a plane of alpha, one byte for each pixel; of pictures only `end` and the colours that `grow` carries change.
/// Calls between `begin` and `end` are for one picture, and so are `keep` and what follows. Thread-safety: none.
class FinishingSteps {
public:
	virtual ~FinishingSteps() = default;

	/// Of the pictures to come, on the CPU. It stays there until the next one is set.
	virtual void set_plate(const Picture &plate) = 0;
	/// Copies a picture that `solve`, `limit` and `end` may want. It may be written over afterwards.
	virtual void keep(const Picture &source) = 0;
	/// The picture's alpha at its edges as the plate and what was kept tell: see Note [The plate solves the edge]. `strength`: the
	/// share of the difference that is made, 0 to 1.
	virtual void solve(const Picture &picture, double strength) = 0;
	/// The plane becomes the picture's alpha, each looked up in `levels`.
	virtual void begin(const Picture &picture, const std::array<uint8_t, 256> &levels) = 0;
	/// The greatest of each pixel and its neighbours, four or, as a square, eight. What was transparent takes the colour of the
	/// neighbour that it has its alpha of.
	virtual void grow(const Picture &picture, bool square) = 0;
	/// The least of them.
	virtual void shrink(bool square) = 0;
	/// `share` of 256 of the plane, the rest of what it was before the last step.
	virtual void mix(uint32_t share) = 0;
	/// Keeps the plane for `average`.
	virtual void set_aside() = 0;
	/// The plane becomes the one that was set aside, averaged in rows and then in columns. `weights`: an odd number of them, which
	/// sum up to 256.
	virtual void average(const std::vector<uint32_t> &weights) = 0;
	/// No more of the plane than there was of what was kept.
	virtual void limit() = 0;
	/// Writes the plane and the colours, `kept` ones or the picture's own; where alpha is 0 there is none. Or alpha as grey.
	virtual void end(const Picture &picture, View view, bool kept) = 0;
};

std::unique_ptr<FinishingSteps> make_cpu_finishing();

} // namespace matting
