// SPDX-License-Identifier: GPL-2.0-or-later
// How good a model is on pictures whose alpha is known, as `matte` would matte them.
#pragma once

#include "metrics.hpp"
#include "over_time.hpp"

#include "inference/bitmap.hpp"
#include "inference/matting.hpp"
#include "inference/training/drawing/generator.hpp"

#include <filesystem>
#include <vector>

namespace matting::training {

/// A picture, its background, and its true alpha as a grey picture of the same size. The first and the last can be sequences
/// or videos.
struct EvaluationPair {
	std::filesystem::path source, background, alpha;
	int line = 0; ///< of the list
};

/// Reads a list: a line for each pair, three names relative to the list's folder, with tabs or spaces between. Names with
/// spaces are in quotes, in which \" is a quote, or there are tabs between all. Lines whose first letter is # and empty ones do
/// not count. Throws Error, with the line's number.
std::vector<EvaluationPair> read_evaluation_list(const std::filesystem::path &list);

/// Measures a picture, or the frames of one camera in order. Thread-safety: none.
class Evaluation {
public:
	/// The engine has that background already.
	Evaluation(Engine &engine, Bitmap &background);

	/// The next frame, of the same size as those before. Throws Error.
	void add(Bitmap &source, const Truth &truth);
	/// The mean of all frames; with the flicker of several, in the regions of a truth that all have.
	AlphaError of_still(const Truth &truth) const;
	/// The mean of all frames; with the dtSSD of several.
	AlphaError of_moving() const;

private:
	Engine &engine_;
	at::Tensor plate_;
	std::vector<AlphaError> errors_;
	Flicker flicker_;
	ChangeError change_;
};

/// Of a picture, whose background the engine has already; with `flicker`, that of some more frames of it, each with fresh noise.
AlphaError evaluate(Engine &engine, Bitmap &source, Bitmap &background, const Truth &truth, bool flicker = false);

/// A drawn frame, rounded to 8 bits.
AlphaError evaluate(Engine &engine, const Sample &frame, bool flicker = false);

/// (3, H, W) in 0..1 -> rounded, opaque.
Bitmap to_bitmap(const at::Tensor &planes);

/// `count` channels of a picture from `first` on: (count, H, W) in 0..1.
at::Tensor channels(const Picture &picture, int first, int count);

/// Drawn frames of 1280x720 that no training learns from. Thread-safety: safe.
class ProceduralFrames {
public:
	/// Who is in them: those that weights are chosen by, or others, that tell how good the chosen ones are.
	enum class Cast : uint64_t { validation = 0x76616c6964617465, test = 0x74657374 };

	explicit ProceduralFrames(Cast cast);
	Sample make(int number) const;

private:
	std::unique_ptr<Generator> generator_;
};

} // namespace matting::training
