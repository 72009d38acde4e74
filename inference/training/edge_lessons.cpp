// SPDX-License-Identifier: GPL-2.0-or-later
// Frames are matted as by default, some finer, and more coarser: where the large network is at its best on drawn frames, little
// can be learnt that holds for real ones.
//
// Note [Steady edges]
// What solves alpha from colours makes noise of the camera's noise: still hair that flickers. So each frame is looked at twice,
// the second time with more noise, and the difference between the two is an error, too. Drawn frames are never without noise,
// nor of few colours; and what has learnt to mistrust noise has to know what there is when there is none. So with some frames
// there is a drawing with thin strands, of few colours and with little noise, whose matte has seen neither strands nor gaps.
#include "edge_lessons.hpp"

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

using Random = std::mt19937_64;

constexpr uint64_t seed = 20261127;
constexpr int strands_width = 320, strands_height = 200;
constexpr int samples_each = 24; ///< of the generator for a frame: see Note [Which pictures a sample takes]
constexpr int all_different = std::numeric_limits<int>::max(); ///< people, rooms
constexpr int strands_every = 4;     ///< frame: what is drawn like this is simpler than what is seen
constexpr int tile = 40;             ///< pixels
constexpr int pixels_per_tile = 160; ///< that are learnt from
constexpr double hopeless =
	0.35; ///< mean error of a tile where the large network has failed: nothing tells what is right
constexpr double twin_noise = 2; ///< deviation, of 255

double draw(double low, double high, Random &random)
{
	return std::uniform_real_distribution<double>(low, high)(random);
}

/// Every other frame is matted as by default. Of the others, every fourth is fine, and the rest is coarser.
Options draw_options(int frame, Random &random)
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
	options.backbone_scale = draw(0.0625, 0.2225, random);
	options.refine_sample_pixels = static_cast<int64_t>(draw(4000, 64000, random));
	return options;
}

uint8_t to_byte(double value)
{
	return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

void add_noise(Bitmap &bitmap, double deviation, Random &random)
{
	std::normal_distribution<double> noise(0, deviation);
	for (size_t i = 0; i < bitmap.pixels.size(); i++)
		if (i % 4 != 3)
			bitmap.pixels[i] = to_byte(bitmap.pixels[i] + noise(random));
}

/// A frame and its matte.
struct Scene {
	Bitmap source, plate, matte;
	std::vector<float> alpha;
};

/// A disc with strands before a wall with stripes, and a matte that fades over them.
Scene draw_strands(Random &random)
{
	const int w = strands_width, h = strands_height;
	Scene scene{Bitmap(w, h), Bitmap(w, h), Bitmap(w, h), std::vector<float>(size_t{1} * w * h)};
	std::array<double, 3> person, wall, stripe, believed;
	const double contrast = draw(0, 30, random), error = draw(0, 15, random);
	for (size_t c = 0; c < 3; c++) {
		person[c] = draw(10, 245, random);
		wall[c] = draw(10, 245, random);
		stripe[c] = draw(-contrast, contrast, random);
		believed[c] = person[c] + draw(-error, error, random);
	}
	const double centre_x = draw(0.4, 0.6, random) * w, centre_y = draw(0.4, 0.6, random) * h;
	const double radius = draw(40, 65, random), length = draw(6, 25, random), period = draw(3, 12, random);
	const double half = draw(0.15, 0.4, random) * period, softness = draw(0.05, 1.5, random);
	const double opacity = draw(0.4, 1, random), fade = draw(0.7, 1.3, random), strips = draw(3, 25, random);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			const double dx = x - centre_x, dy = y - centre_y, distance = std::hypot(dx, dy);
			const double aside = std::abs(std::remainder(std::atan2(dy, dx) * (radius + length), period));
			const double strand = distance < radius + length
						      ? opacity * std::clamp((half - aside) / softness + 0.5, 0.0, 1.0)
						      : 0;
			const double alpha = std::max(strand, std::clamp(radius - distance + 0.5, 0.0, 1.0));
			const double seen = std::clamp((radius + length - distance) / (fade * length), 0.0, 1.0);
			const double stripes = std::fmod(x, 2 * strips) < strips ? 0 : 1;
			const size_t pixel = size_t{1} * y * w + x;
			for (size_t c = 0; c < 3; c++) {
				const double room = wall[c] + stripes * stripe[c];
				scene.plate.pixels[4 * pixel + c] = to_byte(room);
				scene.source.pixels[4 * pixel + c] = to_byte(alpha * person[c] + (1 - alpha) * room);
				scene.matte.pixels[4 * pixel + c] = seen > 0 ? to_byte(believed[c]) : uint8_t{0};
			}
			scene.plate.pixels[4 * pixel + 3] = scene.source.pixels[4 * pixel + 3] = 255;
			scene.matte.pixels[4 * pixel + 3] = to_byte(255 * seen);
			scene.alpha[pixel] = static_cast<float>(alpha);
		}
	if (const double noise = draw(-3, 3, random); noise > 0) // none in one of two
		add_noise(scene.source, noise, random);
	return scene;
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

	void look(Scene &scene, const Picture &plate, Seen &seen) const
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

	/// `bearable`: of a tile's mean error.
	void choose(const Scene &scene, double bearable, Random &random, EdgeLessons &lessons) const
	{
		for (int top = 0; top < scene.source.height; top += tile)
			for (int left = 0; left < scene.source.width; left += tile)
				choose(scene, left, top, bearable, random, lessons);
	}

	void choose(const Scene &scene, int left, int top, double bearable, Random &random, EdgeLessons &lessons) const
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
		if (pixels.size() < tile * tile / 10 || error > bearable * static_cast<double>(pixels.size()))
			return;
		for (int i = 0; i < pixels_per_tile; i++) {
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
	void teach_scene(Scene &scene, const std::function<Picture()> &matte, double bearable, Random &random,
			 EdgeLessons &lessons)
	{
		look(scene, matte(), quiet);
		add_noise(scene.source, twin_noise, random);
		look(scene, matte(), shaken);
		choose(scene, bearable, random, lessons);
	}

	void teach_frame(int number, Random &random, EdgeLessons &lessons)
	{
		const bool is_hd = number % 4 == 2; // half of those that are matted as by default
		const int width = is_hd ? 1920 : 1280, height = is_hd ? 1080 : 720;
		const auto lines = static_cast<double>(height);
		const Sample sample =
			generator->make(samples_each * static_cast<uint64_t>(number), {width, height, {lines}})[0];
		const auto *alpha = sample.alpha.const_data_ptr<float>();
		Scene scene{to_bitmap(sample.source), to_bitmap(sample.background), Bitmap(width, height),
			    std::vector<float>(alpha, alpha + width * height)};
		engine.set_options(draw_options(number, random));
		engine.set_background(scene.plate.picture());
		follower.set_plate(scene.plate.picture());
		const auto matte = [&] {
			engine.matte(scene.source.picture(), scene.matte.picture());
			follower.look(scene.source.picture());
			follower.figures_of(scene.matte.picture());
			return follower.plate();
		};
		teach_scene(scene, matte, hopeless, random, lessons);
	}

	void teach_strands(Random &random, EdgeLessons &lessons)
	{
		Scene scene = draw_strands(random);
		teach_scene(
			scene, [&] { return scene.plate.picture(); }, 1, random, lessons);
	}
};

EdgeTeacher::EdgeTeacher() : impl_(std::make_unique<Impl>()) {}
EdgeTeacher::~EdgeTeacher() = default;

void EdgeTeacher::teach(int number, EdgeLessons &lessons)
{
	Random random(seed + static_cast<uint64_t>(number));
	impl_->teach_frame(number, random, lessons);
	if (number % strands_every == 0)
		impl_->teach_strands(random, lessons);
}

} // namespace matting::training
