// SPDX-License-Identifier: GPL-2.0-or-later
#include "adaptation.hpp"

#include "evaluation.hpp"
#include "generator_part.hpp"

#include <cmath>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

constexpr int frames_in_room = 16, frames_elsewhere = 8;

// Note [Where the samples begin]
// The generator begins with few people and rooms, so that nobody waits for the first sample. That would be all that an
// adaptation sees, and it would learn them by heart. So it begins where there are as many as there will ever be.
constexpr uint64_t first_sample = 1536;

constexpr int most_room_frames = 32;

} // namespace

Room measure_room(const std::function<std::optional<Bitmap>()> &next, const std::string &name)
{
	Room room;
	at::Tensor deviations; // sum of squared differences from the mean so far (Welford)
	while (room.frames < most_room_frames) {
		auto frame = next();
		if (!frame)
			break;
		const at::Tensor planes = channels(frame->picture(), 0, 3);
		if (room.frames++ == 0) {
			room.picture = planes;
			deviations = at::zeros_like(planes);
			continue;
		}
		if (planes.sizes() != room.picture.sizes())
			throw Error(fmt::format("{}: frame {} has another size than the first: give frames of one size",
						name, room.frames));
		const at::Tensor difference = planes - room.picture;
		room.picture += difference / room.frames;
		deviations += difference * (planes - room.picture);
	}
	if (room.frames > 1)
		room.noise = std::sqrt(deviations.mean().item<double>() / (room.frames - 1));
	return room;
}

RoomAndOthers::RoomAndOthers(const Room &room, uint64_t seed)
	: room_(room.picture),
	  generator_(load_generator({.seed = seed, .room = room.picture, .room_every = 2, .room_noise = room.noise}))
{
}

Sample RoomAndOthers::make(uint64_t index, const Crop &crop) const
{
	return generator_->make(first_sample + index, crop);
}

std::vector<ValidationSet> RoomAndOthers::frames(ProceduralFrames::Cast cast) const
{
	return {{"this room", std::make_shared<ProceduralFrames>(cast, room_), frames_in_room},
		{"other rooms", std::make_shared<ProceduralFrames>(cast), frames_elsewhere}};
}

bool BestInRoom::offer(const std::vector<double> &errors)
{
	constexpr double allowed_rise = 1.1;
	if (errors[0] >= best_[0] || errors[1] > allowed_rise * before_[1])
		return false;
	best_ = errors;
	return true;
}

std::string BestInRoom::summary() const
{
	return fmt::format("in this room {:.2f} before and {:.2f} now, in other rooms {:.2f} and {:.2f} (MAD x 1000)",
			   before_[0], best_[0], before_[1], best_[1]);
}

} // namespace matting::training
