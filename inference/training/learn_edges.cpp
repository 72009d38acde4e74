// SPDX-License-Identifier: GPL-2.0-or-later
// Frames are matted as by default, and coarser than that: where the large network is at its best on drawn frames, little can be
// learnt that holds for real ones.
#include "learn_edges.hpp"

#include "evaluation.hpp"
#include "generator_part.hpp"
#include "optimizer.hpp"

#include "inference/edge_solver.hpp"
#include "inference/model/known_models.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <numbers>
#include <random>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

constexpr uint64_t seed = 20261127;
constexpr int width = 1280, height = 720;
constexpr int tile = 40;             ///< pixels
constexpr int pixels_per_tile = 160; ///< that are learnt from
constexpr double hopeless =
	0.15; ///< mean error of a tile where the large network has failed: nothing tells what is right
constexpr int validation_every = 10; ///< frame

/// What is learnt from: (N, features) and the true alpha.
struct Lessons {
	std::vector<float> features, alpha;

	at::Tensor tensor(std::vector<float> &values, int64_t columns) const
	{
		return at::from_blob(values.data(), {static_cast<int64_t>(values.size()) / columns, columns},
				     at::kFloat)
			.clone();
	}
};

/// Every other frame is matted as by default.
Options draw_options(int frame, std::mt19937_64 &random)
{
	Options options;
	options.edge_detail = 0;
	if (frame % 2 == 0)
		return options;
	const auto draw = [&](double low, double high) {
		return std::uniform_real_distribution<double>(low, high)(random);
	};
	options.quality = Quality::custom;
	options.backbone_scale = draw(0.0625, 0.2225);
	options.refine_sample_pixels = static_cast<int64_t>(draw(4000, 64000));
	return options;
}

class Teacher {
public:
	Teacher() : engine_(EngineSettings{.model = bundled_model(), .device = "cpu"}) {}

	/// Appends what a frame teaches.
	void teach(int number, Lessons &lessons)
	{
		const Sample sample = generator_->make(static_cast<uint64_t>(number), {width, height, height});
		Bitmap source = to_bitmap(sample.source), plate = to_bitmap(sample.background), matte(width, height);
		std::mt19937_64 random(seed + static_cast<uint64_t>(number));
		engine_.set_options(draw_options(number, random));
		engine_.set_background(plate.picture());
		engine_.matte(source.picture(), matte.picture());
		std::vector<std::vector<float>> tiles(tiles_across * ((height + tile - 1) / tile));
		const auto *alpha = sample.alpha.const_data_ptr<float>();
		std::mutex mutex;
		solver_->look(source.picture(), plate.picture(), matte.picture(),
			      [&](int x, int y, int count, const float *features, int step) {
				      const std::lock_guard lock(mutex);
				      for (int i = 0; i < count; i++)
					      note(tiles[static_cast<size_t>(y / tile * tiles_across + (x + i) / tile)],
						   features + i, step, alpha[y * width + x + i]);
			      });
		for (const std::vector<float> &pixels : tiles)
			choose(pixels, random, lessons);
	}

private:
	static constexpr int row = EdgeNetwork::features + 1, tiles_across = (width + tile - 1) / tile;

	static void note(std::vector<float> &pixels, const float *features, int step, float alpha)
	{
		for (int i = 0; i < EdgeNetwork::features; i++)
			pixels.push_back(features[i * step]);
		pixels.push_back(alpha);
	}

	static void choose(const std::vector<float> &pixels, std::mt19937_64 &random, Lessons &lessons)
	{
		const size_t count = pixels.size() / row;
		double error = 0;
		for (size_t i = 0; i < count; i++)
			error += std::abs(pixels[i * row] - pixels[i * row + row - 1]);
		if (count < tile * tile / 10 || error > hopeless * static_cast<double>(count))
			return;
		for (int i = 0; i < pixels_per_tile; i++) {
			const float *from =
				pixels.data() + row * std::uniform_int_distribution<size_t>(0, count - 1)(random);
			lessons.features.insert(lessons.features.end(), from, from + row - 1);
			lessons.alpha.push_back(from[row - 1]);
		}
	}

	const std::unique_ptr<Generator> generator_ = load_generator({.seed = seed, .sprites = 400, .rooms = 200});
	Engine engine_;
	std::unique_ptr<EdgeSolver> solver_ = make_edge_solver();
};

/// The network as it learns: of features whose mean is 0 and whose deviation is 1.
class Pupil {
public:
	explicit Pupil(const at::Tensor &features)
	{
		mean_ = features.mean(0);
		deviation_ = features.std(0) + 1e-3;
		const auto make = [&](const char *name, int inputs, int outputs, double scale) {
			weights_[std::string(name) + ".weight"] =
				((at::rand({inputs, outputs}) * 2 - 1) * scale / std::sqrt(inputs)).requires_grad_();
			weights_[std::string(name) + ".bias"] = at::zeros({outputs}).requires_grad_();
		};
		make("first", EdgeNetwork::features, EdgeNetwork::first, 1);
		make("second", EdgeNetwork::first, EdgeNetwork::second, 1);
		make("last", EdgeNetwork::second, 1, 0);
	}

	at::Tensor alpha(const at::Tensor &features)
	{
		const auto layer = [&](const at::Tensor &in, const std::string &name) {
			return in.matmul(weights_.at(name + ".weight")) + weights_.at(name + ".bias");
		};
		const at::Tensor normal = (features - mean_) / deviation_;
		const at::Tensor change = layer(layer(layer(normal, "first").relu(), "second").relu(), "last");
		return (features.select(1, 0) + change.select(1, 0) - 0.01) / 0.98;
	}

	const StateDict &weights() const { return weights_; }

	/// For features as they are.
	void write(const std::string &file) const
	{
		const at::Tensor first = weights_.at("first.weight") / deviation_.unsqueeze(1);
		const at::Tensor bias =
			weights_.at("first.bias") - (mean_ / deviation_).matmul(weights_.at("first.weight"));
		std::ofstream stream(file);
		stream << "// Learnt from drawn frames by `background-matting train --edges`.\n";
		write(stream, first);
		write(stream, bias);
		for (const char *name : {"second.weight", "second.bias", "last.weight"})
			write(stream, weights_.at(name));
		stream << fmt::format("{:.5g},\n", weights_.at("last.bias").item<float>());
		if (!stream.flush())
			throw Error("cannot write " + file);
	}

private:
	static void write(std::ostream &stream, const at::Tensor &values)
	{
		const at::Tensor flat = values.detach().contiguous().view(-1);
		stream << '{';
		for (int64_t i = 0; i < flat.numel(); i++)
			stream << (i == 0        ? ""
				   : i % 12 == 0 ? ",\n"
						 : ", ")
			       << fmt::format("{:.5g}", flat[i].item<float>());
		stream << "},\n";
	}

	at::Tensor mean_, deviation_;
	StateDict weights_;
};

double error_of(Pupil &pupil, const at::Tensor &features, const at::Tensor &alpha)
{
	const at::NoGradGuard no_gradients;
	return 1000 * (pupil.alpha(features).clamp(0, 1) - alpha).abs().mean().item<double>();
}

/// False: interrupted.
bool gather(const EdgeLearning &request, Lessons &lessons, Lessons &others)
{
	Teacher teacher;
	for (int i = 0; i < request.frames; i++) {
		if (request.is_interrupted())
			return false;
		teacher.teach(i, i % validation_every == validation_every - 1 ? others : lessons);
		std::fprintf(stderr, "\rframe %d of %d", i + 1, request.frames);
	}
	std::fprintf(stderr, "\n");
	return true;
}

at::Tensor loss(Pupil &pupil, const at::Tensor &features, const at::Tensor &truth)
{
	const at::Tensor error = pupil.alpha(features).clamp(-0.05, 1.05) - truth;
	const at::Tensor is_hole = at::logical_and(error.lt(0), truth.gt(0.9)); // is worse than a veil
	return ((0.7 * error.abs() + error.square()) * (1 + 0.2 * is_hole.to(at::kFloat))).mean();
}

double rate_at(double part) // up for a third of the time, and down
{
	constexpr double greatest = 8e-3, rise = 0.3;
	return greatest *
	       (part < rise ? part / rise : 0.5 + 0.5 * std::cos(std::numbers::pi * (part - rise) / (1 - rise)));
}

} // namespace

void learn_edges(const EdgeLearning &request)
{
	Lessons lessons, others;
	if (!gather(request, lessons, others))
		return;
	const at::Tensor features = lessons.tensor(lessons.features, EdgeNetwork::features),
			 alpha = lessons.tensor(lessons.alpha, 1).view(-1);
	const at::Tensor other_features = others.tensor(others.features, EdgeNetwork::features),
			 other_alpha = others.tensor(others.alpha, 1).view(-1);
	at::manual_seed(seed);
	Pupil pupil(features);
	Optimizer optimizer(pupil.weights(), Method::adamw, 1e-3);
	constexpr int batch = 4096, told_every = 500;
	for (int64_t i = 0; i < request.steps && !request.is_interrupted(); i++) {
		const at::Tensor chosen = at::randint(0, features.size(0), {batch}, at::kLong);
		for (const auto &[name, weight] : pupil.weights())
			at::Tensor(weight).mutable_grad().reset();
		loss(pupil, features.index_select(0, chosen), alpha.index_select(0, chosen)).backward();
		optimizer.step(rate_at(static_cast<double>(i) / static_cast<double>(request.steps)), 1);
		if ((i + 1) % told_every == 0)
			std::fprintf(stderr, "step %lld: error %.2f, without %.2f\n", static_cast<long long>(i + 1),
				     error_of(pupil, other_features, other_alpha),
				     1000 * (other_features.select(1, 0) - other_alpha).abs().mean().item<double>());
	}
	pupil.write(request.file);
}

} // namespace matting::training
