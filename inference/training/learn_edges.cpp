// SPDX-License-Identifier: GPL-2.0-or-later
#include "learn_edges.hpp"

#include "edge_lessons.hpp"
#include "optimizer.hpp"

#include "inference/atomic_file.hpp"
#include "inference/edge_network.hpp"
#include "inference/error.hpp"
#include "inference/platform.hpp"

#include <cmath>
#include <cstdio>
#include <numbers>
#include <sstream>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

constexpr int validation_every = 10; ///< frame
constexpr int others_from = 1 << 20; ///< the frames to validate by, which share nobody with the others

/// (N, columns)
at::Tensor to_tensor(std::vector<float> &values, int64_t columns)
{
	return at::from_blob(values.data(), {static_cast<int64_t>(values.size()) / columns, columns}, at::kFloat)
		.clone();
}

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

	/// As C++, for features as they are.
	std::string text() const
	{
		const at::Tensor first = weights_.at("first.weight") / deviation_.unsqueeze(1);
		const at::Tensor bias =
			weights_.at("first.bias") - (mean_ / deviation_).matmul(weights_.at("first.weight"));
		std::ostringstream stream;
		stream << "// Learnt from drawn frames by `background-matting train --edges`.\n";
		write(stream, first);
		write(stream, bias);
		for (const char *name : {"second.weight", "second.bias", "last.weight"})
			write(stream, weights_.at(name));
		stream << fmt::format("{:.5g},\n", weights_.at("last.bias").item<float>());
		return stream.str();
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

// Times 1000.
double difference(const at::Tensor &alpha, const at::Tensor &other)
{
	return 1000 * (alpha - other).abs().mean().item<double>();
}

double error_of(Pupil &pupil, const at::Tensor &features, const at::Tensor &alpha)
{
	const at::NoGradGuard no_gradients;
	return difference(pupil.alpha(features).clamp(0, 1), alpha);
}

double unsteadiness_of(Pupil &pupil, const at::Tensor &features, const at::Tensor &noisy)
{
	const at::NoGradGuard no_gradients;
	return difference(pupil.alpha(features).clamp(0, 1), pupil.alpha(noisy).clamp(0, 1));
}

Error interruption()
{
	return Error("interrupted: nothing was written");
}

void gather(const EdgeLearning &request, EdgeLessons &lessons, EdgeLessons &others)
{
	EdgeTeacher teacher;
	for (int i = 0; i < request.frames; i++) {
		if (request.is_interrupted())
			throw interruption();
		if (i % validation_every == validation_every - 1)
			teacher.teach(others_from + i / validation_every, others);
		else
			teacher.teach(i, lessons);
		constexpr int told_every = 50; // where lines stay
		const bool is_line = i + 1 == request.frames || (!is_terminal(stderr) && (i + 1) % told_every == 0);
		if (is_line || is_terminal(stderr))
			std::fprintf(stderr, "%sframe %d of %d%s", is_terminal(stderr) ? "\r" : "", i + 1,
				     request.frames, is_line ? "\n" : "");
	}
}

at::Tensor loss(const at::Tensor &alpha, const at::Tensor &truth)
{
	const at::Tensor error = alpha - truth;
	const at::Tensor is_hole = at::logical_and(error.lt(0), truth.gt(0.9)); // is worse than a veil
	return ((0.7 * error.abs() + error.square()) * (1 + 0.2 * is_hole.to(at::kFloat))).mean();
}

// See Note [Steady edges].
at::Tensor loss(Pupil &pupil, const at::Tensor &features, const at::Tensor &noisy, const at::Tensor &truth)
{
	constexpr double steadiness = 1.2;
	const auto alpha = [&](const at::Tensor &of) {
		return pupil.alpha(of).clamp(-0.05, 1.05);
	};
	const at::Tensor quiet = alpha(features), shaken = alpha(noisy);
	return 0.5 * (loss(quiet, truth) + loss(shaken, truth)) + steadiness * (quiet - shaken).abs().mean();
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
	EdgeLessons lessons, others;
	gather(request, lessons, others);
	const at::Tensor features = to_tensor(lessons.features, EdgeNetwork::features),
			 noisy = to_tensor(lessons.noisy, EdgeNetwork::features),
			 alpha = to_tensor(lessons.alpha, 1).view(-1);
	const at::Tensor other_features = to_tensor(others.features, EdgeNetwork::features),
			 other_noisy = to_tensor(others.noisy, EdgeNetwork::features),
			 other_alpha = to_tensor(others.alpha, 1).view(-1);
	at::manual_seed(20261127);
	Pupil pupil(features);
	Optimizer optimizer(pupil.weights(), Method::adamw, 1e-3);
	constexpr int batch = 4096, told_every = 500;
	for (int64_t i = 0; i < request.steps; i++) {
		if (request.is_interrupted())
			throw interruption();
		const at::Tensor chosen = at::randint(0, features.size(0), {batch}, at::kLong);
		for (const auto &[name, weight] : pupil.weights())
			at::Tensor(weight).mutable_grad().reset();
		loss(pupil, features.index_select(0, chosen), noisy.index_select(0, chosen),
		     alpha.index_select(0, chosen))
			.backward();
		optimizer.step(rate_at(static_cast<double>(i) / static_cast<double>(request.steps)), 1);
		if ((i + 1) % told_every == 0)
			std::fprintf(stderr, "step %lld: error %.2f, without %.2f; unsteady by %.2f, without %.2f\n",
				     static_cast<long long>(i + 1), error_of(pupil, other_features, other_alpha),
				     difference(other_features.select(1, 0), other_alpha),
				     unsteadiness_of(pupil, other_features, other_noisy),
				     difference(other_features.select(1, 0), other_noisy.select(1, 0)));
	}
	write_whole_file(request.file, pupil.text());
}

} // namespace matting::training
