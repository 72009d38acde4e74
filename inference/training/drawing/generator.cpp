// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <ATen/core/LegacyTypeDispatch.h>

#include "camera.hpp"
#include "room_view.hpp"
#include "threads.hpp"

namespace matting::training {
namespace {

// Note [Which pictures a sample takes]
// There are more pictures than memory has room for, and drawing one takes as long as several samples. So samples near
// each other take theirs from the same few: a window that moves on by one picture every so many samples, and that
// starts small, so that the first sample need not wait for all of it. Which window that is depends on the sample's
// index alone, and a picture on its number alone: whatever was made before, the sample is the same. Where all pictures
// are kept there are no windows.
constexpr uint64_t first_window = 24;
struct Window {
	uint64_t size;
	uint64_t stride; // samples until it moves on by one picture
};
constexpr Window sprite_window{96, 16}, room_window{64, 24};
constexpr uint64_t slack = 16; // for workers that are not quite at the same index

/// The sprites or the rooms. Thread-safety: safe.
template<typename Picture> class Pictures {
public:
	using Handle = std::shared_ptr<const Picture>;

	Pictures(Window window, int count, bool keeps_all, std::function<Handle(uint64_t)> draw)
		: window_(window), count_(static_cast<uint64_t>(count)), keeps_all_(keeps_all),
		  store_(keeps_all ? count_ : window.size + slack, std::move(draw))
	{
		if (count < 1)
			throw std::invalid_argument("There must be at least one sprite and one room.");
	}

	uint64_t count() const { return count_; }
	Handle get(uint64_t number) { return store_.get(number); }
	/// One of those that samples of about this index take.
	uint64_t choose(Random &random, uint64_t index) const
	{
		if (keeps_all_)
			return random.next() % count_;
		const uint64_t end = first_window + index / window_.stride,
			       size = std::min({window_.size, end, count_});
		return (end - 1 - random.next() % size) % count_;
	}

private:
	Window window_;
	uint64_t count_;
	bool keeps_all_;
	PictureStore<Picture> store_;
};

// Less than half a step of 8 bits is nothing; rounding may have made more than everything.
void end_alpha(Scenes &scenes)
{
	const at::Tensor is_seen = scenes.alpha >= 0.5 / 255;
	scenes.alpha.clamp_max_(1).mul_(is_seen);
	scenes.foreground.mul_(is_seen);
}

at::Tensor composite(const Scenes &scenes)
{
	return (scenes.room * (1 - scenes.alpha)).add_(scenes.foreground);
}

void unpremultiply(Scenes &scenes)
{
	scenes.foreground.div_(scenes.alpha.clamp_min(0.5 / 255)).clamp_(0, 1);
}

// All that happens to a sample. See Note [Dice on the CPU, pixels on the device].
struct SamplePlan {
	RoomPlan room;
	ScenePlan scene;
	CameraPlan camera;
};

Samples develop(const std::vector<SamplePlan> &plans, int64_t height, int64_t width, int64_t stride)
{
	Scenes scenes = compose(draw_room_views(each(plans, &SamplePlan::room), height, width),
				each(plans, &SamplePlan::scene));
	at::Tensor source = composite(scenes);
	photograph(scenes, source, each(plans, &SamplePlan::camera));
	end_alpha(scenes);
	unpremultiply(scenes);
	const auto kept = [&](const at::Tensor &pictures) {
		return pictures.slice(2, 0, at::nullopt, stride)
			.slice(3, 0, at::nullopt, stride)
			.contiguous(at::MemoryFormat::ChannelsLast);
	};
	return {kept(source), kept(scenes.empty_room), kept(scenes.alpha), kept(scenes.foreground)};
}

Samples stacked(const std::vector<Samples> &parts)
{
	if (parts.size() == 1)
		return parts.front();
	const auto all = [&](at::Tensor Samples::*member) {
		return at::cat(each(parts, member));
	};
	return {all(&Samples::source), all(&Samples::background), all(&Samples::alpha), all(&Samples::foreground)};
}

class DrawingGenerator : public Generator {
public:
	explicit DrawingGenerator(const GeneratorSettings &settings)
		: settings_(settings),
		  sprites_(sprite_window, settings.sprites, settings.keeps_all,
			   [settings](uint64_t id) { return draw_sprite(settings.seed, id, settings.device); }),
		  rooms_(room_window, settings.rooms, settings.keeps_all,
			 [settings](uint64_t id) { return draw_room_bitmap(settings.seed, id, settings.device); })
	{
		if (settings.keeps_all)
			for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); i++)
				drawers_.emplace_back([this](const std::stop_token &stop) { draw_all(stop); });
	}

	Samples make(uint64_t first, const Crops &crops) const override;

private:
	void draw_all(const std::stop_token &stop);
	SamplePlan plan(uint64_t index, const View &view) const;

	GeneratorSettings settings_;
	mutable Pictures<Sprite> sprites_;
	mutable Pictures<Bitmap> rooms_;
	std::atomic<uint64_t> drawn_ = 0;   // of each
	std::vector<std::jthread> drawers_; // the last: they use the others
};

// Samples that come before all is drawn draw for themselves what they miss.
void DrawingGenerator::draw_all(const std::stop_token &stop)
try {
	set_threads_here(1);
	for (uint64_t id = drawn_++; id < std::max(sprites_.count(), rooms_.count()) && !stop.stop_requested();
	     id = drawn_++) {
		if (id < sprites_.count())
			sprites_.get(id);
		if (id < rooms_.count())
			rooms_.get(id);
	}
} catch (const std::exception &) { // which the sample that takes the picture meets, too
}

SamplePlan DrawingGenerator::plan(uint64_t index, const View &view) const
{
	Random random(settings_.seed ^ 0x5a3c96e1, index);
	const uint64_t room_id = rooms_.choose(random, index);
	std::vector<std::shared_ptr<const Sprite>> sprites;
	const int count = random.pick({0.13, 0.67, 0.15, 0.05});
	for (int i = 0; i < count; i++)
		sprites.push_back(sprites_.get(sprites_.choose(random, index)));
	RoomPlan room(rooms_.get(room_id), view, random);
	ScenePlan scene(sprites, view, random);
	return {std::move(room), std::move(scene), CameraPlan(view, random)};
}

Samples DrawingGenerator::make(uint64_t first, const Crops &crops) const
{
	const at::AutoDispatchBelowADInplaceOrView no_grad;
	const size_t count = crops.frame_heights.size();
	std::vector<Samples> parts;
	for (size_t begin = 0; begin < count; begin += static_cast<size_t>(settings_.together)) {
		std::vector<SamplePlan> plans;
		for (size_t i = begin; i < std::min(count, begin + static_cast<size_t>(settings_.together)); i++)
			plans.push_back(plan(first + i, {crops.width, crops.height, crops.frame_heights[i]}));
		parts.push_back(develop(plans, crops.height, crops.width, crops.stride));
	}
	return stacked(parts);
}

} // namespace

std::unique_ptr<Generator> make_generator(const GeneratorSettings &settings)
{
	return std::make_unique<DrawingGenerator>(settings);
}

} // namespace matting::training
