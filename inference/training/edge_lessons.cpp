// SPDX-License-Identifier: GPL-2.0-or-later
// Frames are matted as by default, some finer, and more coarser: where the large network is at its best on drawn frames, little
// can be learnt that holds for real ones.
//
// Note [Steady edges]
// What solves alpha from colours makes noise of the camera's noise: still hair that flickers. So each frame is looked at twice,
// the second time with more noise, and the difference between the two is an error, too. Drawn frames are never without noise,
// nor of few colours; and what has learnt to mistrust noise has to know what there is when there is none. So with some frames
// there is a drawing with thin strands, of few colours and with little noise, whose matte has seen neither strands nor gaps.
//
// Note [What is taught how often]
// Drawn frames are sharp, and the large network is good at them: real ones are softer, so that some are drawn smaller and
// enlarged, and count for more. A third has plants in front, whose gaps the large network closes (see Note [Gaps that are closed]),
// and a third clothes of the room's colours, so that it is not learnt that whatever is like the plate is a gap; of those a
// fifth is enough, so large are they.
#include "edge_lessons.hpp"

#include "edge_drawings.hpp"
#include "evaluation.hpp"
#include "generator_part.hpp"

#include "inference/edge_network.hpp"
#include "inference/edge_solver.hpp"
#include "inference/model/known_models.hpp"
#include "inference/plate_follower.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace matting::training {
namespace {

constexpr uint64_t seed = 20261127;
constexpr int samples_each = 24; ///< of the generator for a frame: see Note [Which pictures a sample takes]
constexpr int all_different = std::numeric_limits<int>::max(); ///< people, rooms
constexpr int strands_every = 4; ///< frame: what is drawn like this is simpler than what is seen
constexpr int plant_every = 3;   ///< frame has plants, and every third has clothes of the room's colours
constexpr int tile = 40;         ///< pixels
constexpr double hopeless =
	0.35; ///< mean error of a tile where the large network has failed: nothing tells what is right
constexpr double twin_noise = 2; ///< deviation, of 255

/// What is learnt of tiles with edges.
struct Weight {
	double bearable;     ///< mean error of the large network
	int pixels_per_tile; ///< with repetitions
};

constexpr Weight strands_weight{1, 240};

/// See Note [What is taught how often].
Weight weight_of(bool has_plant, bool has_cloth, bool is_enlarged, bool is_hd)
{
	const double pixels = (has_plant || has_cloth ? 32 : 160) * (is_enlarged ? 2.5 : is_hd ? 0.4 : 1);
	return {has_plant ? 1 : hopeless, static_cast<int>(pixels)};
}

/// Every other frame is matted as by default. Of the others, every fourth is fine, and the rest is coarser.
Options draw_options(int frame, EdgeRandom &random)
{
	Options options;
	options.edge_detail = 0;
	if (frame % 2 == 0)
		return options;
	if (frame % 8 == 3) {
		options.quality = Quality::fine;
		return options;
	}
	options.quality = Quality::custom;
	options.backbone_scale = draw_between(0.0625, 0.2225, random);
	options.refine_sample_pixels = static_cast<int64_t>(draw_between(4000, 64000, random));
	return options;
}

} // namespace

struct EdgeTeacher::Impl {
	using Features = std::array<float, EdgeNetwork::features>;

	/// The features of each pixel that the solver looks at.
	struct Seen {
		std::vector<Features> features;
		std::vector<uint8_t> is_seen;
	};

	const std::unique_ptr<Generator> generator =
		load_generator({.seed = seed, .sprites = all_different, .rooms = all_different});
	Engine engine{EngineSettings{.model = bundled_model(), .device = "cpu"}};
	const std::unique_ptr<EdgeSolver> solver = make_edge_solver();
	PlateFollower follower; // does what the engine's does
	Seen quiet, shaken;

	void look(EdgeScene &scene, const Picture &plate, Seen &seen) const
	{
		const int w = scene.source.width;
		seen.features.resize(scene.alpha.size());
		seen.is_seen.assign(scene.alpha.size(), 0);
		solver->set_plate(plate);
		solver->look(scene.source.picture(), scene.matte.picture(),
			     [&](int x, int y, int count, const float *features, int step) {
				     for (int i = 0; i < count; i++) {
					     const size_t pixel = size_t{1} * y * w + x + i;
					     seen.is_seen[pixel] = 1;
					     for (size_t j = 0; j < EdgeNetwork::features; j++)
						     seen.features[pixel][j] = features[i + static_cast<int>(j) * step];
				     }
			     });
	}

	void choose(const EdgeScene &scene, const Weight &weight, EdgeRandom &random, EdgeLessons &lessons) const
	{
		for (int top = 0; top < scene.source.height; top += tile)
			for (int left = 0; left < scene.source.width; left += tile)
				choose(scene, left, top, weight, random, lessons);
	}

	void choose(const EdgeScene &scene, int left, int top, const Weight &weight, EdgeRandom &random,
		    EdgeLessons &lessons) const
	{
		std::vector<size_t> pixels;
		double error = 0;
		for (int y = top; y < std::min(scene.source.height, top + tile); y++)
			for (int x = left; x < std::min(scene.source.width, left + tile); x++) {
				const size_t pixel = size_t{1} * y * scene.source.width + x;
				if (!quiet.is_seen[pixel] || !shaken.is_seen[pixel])
					continue;
				pixels.push_back(pixel);
				error += std::abs(quiet.features[pixel].front() - scene.alpha[pixel]);
			}
		if (pixels.size() < tile * tile / 10 || error > weight.bearable * static_cast<double>(pixels.size()))
			return;
		for (int i = 0; i < weight.pixels_per_tile; i++) {
			const size_t pixel =
				pixels[std::uniform_int_distribution<size_t>(0, pixels.size() - 1)(random)];
			lessons.features.insert(lessons.features.end(), quiet.features[pixel].begin(),
						quiet.features[pixel].end());
			lessons.noisy.insert(lessons.noisy.end(), shaken.features[pixel].begin(),
					     shaken.features[pixel].end());
			lessons.alpha.push_back(scene.alpha[pixel]);
		}
	}

	/// See Note [Steady edges]. `matte` gives the plate that it has matted with.
	void teach_scene(EdgeScene &scene, const std::function<Picture()> &matte, const Weight &weight,
			 EdgeRandom &random, EdgeLessons &lessons)
	{
		look(scene, matte(), quiet);
		add_noise(scene.source, twin_noise, random);
		look(scene, matte(), shaken);
		choose(scene, weight, random, lessons);
	}

	void teach_frame(int number, EdgeRandom &random, EdgeLessons &lessons)
	{
		const bool is_hd = number % 4 == 2; // half of those that are matted as by default
		const int width = is_hd ? 1920 : 1280, height = is_hd ? 1080 : 720;
		const bool is_enlarged = number % 8 == 2 || number % 8 == 4; // half of them
		const double enlarged = is_enlarged ? draw_between(1.3, 3, random) : 1;
		const Sample sample = generator->make(samples_each * static_cast<uint64_t>(number),
						      {static_cast<int>(width / enlarged),
						       static_cast<int>(height / enlarged),
						       {height / enlarged}})[0];
		const auto whole = [&](const at::Tensor &planes) {
			return at::upsample_bicubic2d(planes.unsqueeze(0), {height, width}, false)[0]
				.clamp(0, 1)
				.contiguous();
		};
		const at::Tensor truth = whole(sample.alpha);
		const auto *alpha = truth.const_data_ptr<float>();
		EdgeScene scene{to_bitmap(whole(sample.source)), to_bitmap(whole(sample.background)),
				Bitmap(width, height), std::vector<float>(alpha, alpha + width * height)};
		const bool has_plant = number % plant_every == 1, has_cloth = number % plant_every == 2;
		for (double i = 0, count = draw_between(1, 4, random); i < count; i++) {
			if (has_plant)
				draw_plant(scene, random);
			if (has_cloth)
				draw_cloth(scene, random);
		}
		engine.set_options(draw_options(number, random));
		engine.set_background(scene.plate.picture());
		follower.set_plate(scene.plate.picture());
		const auto matte = [&] {
			engine.matte(scene.source.picture(), scene.matte.picture());
			follower.look(scene.source.picture());
			follower.figures_of(scene.matte.picture());
			return follower.plate();
		};
		teach_scene(scene, matte, weight_of(has_plant, has_cloth, is_enlarged, is_hd), random, lessons);
	}

	void teach_strands(EdgeRandom &random, EdgeLessons &lessons)
	{
		EdgeScene scene = draw_strands(random);
		teach_scene(
			scene, [&] { return scene.plate.picture(); }, strands_weight, random, lessons);
	}
};

EdgeTeacher::EdgeTeacher() : impl_(std::make_unique<Impl>()) {}
EdgeTeacher::~EdgeTeacher() = default;

void EdgeTeacher::teach(int number, EdgeLessons &lessons)
{
	EdgeRandom random(seed + static_cast<uint64_t>(number));
	impl_->teach_frame(number, random, lessons);
	if (number % strands_every == 0)
		impl_->teach_strands(random, lessons);
}

} // namespace matting::training
