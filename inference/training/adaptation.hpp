// SPDX-License-Identifier: GPL-2.0-or-later
// A good model, made better for one room.
#pragma once

#include "training_session.hpp"

#include "inference/bitmap.hpp"
#include "inference/training/drawing/generator.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace matting::training {

/// The room to adapt to.
struct Room {
	at::Tensor picture; ///< (3, h, w) in 0..1: the mean of the frames
	int frames = 0;     ///< that it was made from
	double noise = 0;   ///< the camera's in one frame: standard deviation, 0..1; 0: not known from one frame alone
};

/// From the first frames of the empty room that `next` gives, until it gives none. Throws Error that begins with `name`.
Room measure_room(const std::function<std::optional<Bitmap>()> &next, const std::string &name);

/// The pictures for it: every other sample is of the room, the others of drawn rooms, so that nothing else is forgotten.
/// Thread-safety: safe.
class RoomAndOthers {
public:
	RoomAndOthers(const Room &room, uint64_t seed);

	Sample make(uint64_t index, const Crop &crop) const;
	/// Whole frames of the room, and of drawn rooms. No sample of `make`, and no frame of another cast, shows the same people.
	std::vector<ValidationSet> frames(ProceduralFrames::Cast cast) const;

private:
	at::Tensor room_;
	std::unique_ptr<Generator> generator_;
};

/// Keeps the weights that are best in the room, as long as the error elsewhere has not risen by more than a tenth.
class BestInRoom {
public:
	/// Errors in the room and elsewhere, of the model to adapt.
	explicit BestInRoom(std::vector<double> before) : before_(std::move(before)), best_(before_) {}

	/// Whether these are better than all so far.
	bool offer(const std::vector<double> &errors);

	bool is_better() const { return best_[0] < before_[0]; }
	/// "in this room 9.12 before and 6.04 now, elsewhere 12.10 and 12.31 (MAD x 1000)"
	std::string summary() const;

private:
	std::vector<double> before_, best_;
};

} // namespace matting::training
