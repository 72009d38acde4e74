// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to a matte after the network, by the options: levels, shift and softness of the edge, and its colour.
#pragma once

#include "bitmap.hpp"

#include <optional>

namespace matting {

/// Whether something is to be done for that view, and can be: the pictures are on the CPU. The matte is made as View::result then.
bool wants_finishing(const Picture &source, const Picture &result, View view, const Options &options);

/// For pictures on the CPU. Thread-safety: none.
class Finisher {
public:
	/// Before the matte is made, which may overwrite `source`.
	void begin(const Picture &source, const Options &options);
	/// Straight alpha in and out, and where it is 0 in the end there is no colour; or alpha as grey, if that is the view.
	void finish(const Picture &result, View view, const Options &options);

private:
	void shift(const Picture &result, double pixels);
	void soften(const Picture &result, double pixels);
	void grow(const Picture &result, bool square);
	void shrink(bool square);

	std::optional<Bitmap> source_; // kept only where its colours are wanted
	// One byte for each pixel.
	std::vector<uint8_t> alpha_, other_;
	int width_ = 0, height_ = 0;
};

} // namespace matting
