// SPDX-License-Identifier: GPL-2.0-or-later
// How good a model is on pictures whose alpha is known, as `matte` would matte them.
#pragma once

#include "metrics.hpp"

#include "inference/bitmap.hpp"
#include "inference/matting.hpp"
#include "inference/training/drawing/generator.hpp"

#include <filesystem>
#include <vector>

namespace matting::training {

/// A picture, its background, and its true alpha as a grey picture of the same size.
struct EvaluationPair {
	std::filesystem::path source, background, alpha;
};

/// Reads a list: a line for each pair, three names relative to the list's folder, with tabs or spaces between; names
/// with spaces in quotes, or all with tabs. Lines that begin with # and empty ones do not count.
/// Throws Error, with the line's number.
std::vector<EvaluationPair> read_evaluation_list(const std::filesystem::path &list);

/// Of a picture; it is matted in place. `true_alpha`: (1, H, W) in 0..1. Throws Error.
AlphaError evaluate(Engine &engine, Bitmap &source, Bitmap &background, const at::Tensor &true_alpha);

/// A drawn frame, rounded to 8 bits.
AlphaError evaluate(Engine &engine, const Sample &frame);

/// `count` channels of a picture from `first` on: (count, H, W) in 0..1.
at::Tensor channels(const Picture &picture, int first, int count);

/// Drawn frames of 1280x720 that no training learns from. Thread-safety: safe.
class ProceduralFrames {
public:
	/// Who is in them: those that weights are chosen by, or others, that tell how good the chosen ones are.
	enum class Cast : uint64_t { validation = 0x76616c6964617465, test = 0x74657374 };

	/// Of many rooms, or of the one given: (3, h, w) in 0..1.
	explicit ProceduralFrames(Cast cast, const at::Tensor &room = {});
	Sample make(int number) const;

private:
	std::unique_ptr<Generator> generator_;
};

} // namespace matting::training
