// SPDX-License-Identifier: GPL-2.0-or-later
// What `edge_detail` does to mattes of the bundled model.
#include "inference/model/known_models.hpp"
#include "inference/training/evaluation.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace matting::training {
namespace {

Engine make_engine()
{
	EngineSettings settings;
	settings.model = bundled_model();
	settings.device = "cpu";
	return Engine(settings);
}

double edge_error(Engine &engine, const Sample &frame, double detail)
{
	Options options;
	options.edge_detail = detail;
	engine.set_options(options);
	return evaluate(engine, frame).edge_mad;
}

// A frame that gains nothing may lose a little.
TEST(EdgeDetail, BringsDrawnFramesNearerToTheTruth)
{
	constexpr int count = 6;
	constexpr double least_gain = 0.9;
	Engine engine = make_engine();
	const ProceduralFrames frames(ProceduralFrames::Cast::test);
	for (const auto &[detail, greatest_loss] : {std::pair{0.5, 1.03}, std::pair{Options().edge_detail, 1.05}}) {
		double without = 0, with = 0;
		for (int i = 0; i < count; i++) {
			const Sample frame = frames.make(i);
			const double plain = edge_error(engine, frame, 0), detailed = edge_error(engine, frame, detail);
			if (std::isnan(plain)) // nobody is in it
				continue;
			EXPECT_LE(detailed, greatest_loss * plain) << i << ", " << detail;
			without += plain;
			with += detailed;
		}
		EXPECT_LT(with, least_gain * without) << detail;
	}
}

} // namespace
} // namespace matting::training
