// SPDX-License-Identifier: GPL-2.0-or-later
// The contract of matting.hpp, with models whose answers are known.
#include "formula.hpp"
#include "models.hpp"

#include "inference/matting.hpp"
#include "inference/model/model_file.hpp"
#include "inference/scripted_executor.hpp"

#include <random>

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::HasSubstr;

struct Rgba {
	int red, green, blue, alpha;
	friend bool operator==(const Rgba &, const Rgba &) = default;
};

struct TestPicture {
	int width, height;
	std::vector<uint8_t> pixels;

	TestPicture(int width, int height, Rgba colour = {0, 0, 0, 255})
		: width(width), height(height), pixels(size_t{4} * width * height)
	{
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				set(x, y, colour);
	}
	void set(int x, int y, Rgba c)
	{
		uint8_t *p = &pixels[4 * (size_t{1} * y * width + x)];
		p[0] = static_cast<uint8_t>(c.red), p[1] = static_cast<uint8_t>(c.green);
		p[2] = static_cast<uint8_t>(c.blue), p[3] = static_cast<uint8_t>(c.alpha);
	}
	Rgba at(int x, int y) const
	{
		const uint8_t *p = &pixels[4 * (size_t{1} * y * width + x)];
		return {p[0], p[1], p[2], p[3]};
	}
	Picture picture() { return {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu}; }
};

std::ostream &operator<<(std::ostream &out, const Rgba &c)
{
	return out << "(" << c.red << ", " << c.green << ", " << c.blue << ", " << c.alpha << ")";
}

TestPicture noise(int width, int height, unsigned seed)
{
	TestPicture picture(width, height);
	std::mt19937 random(seed);
	for (uint8_t &byte : picture.pixels)
		byte = static_cast<uint8_t>(random());
	for (size_t i = 3; i < picture.pixels.size(); i += 4)
		picture.pixels[i] = 255;
	return picture;
}

std::string error_of(const std::function<void()> &action)
{
	try {
		action();
	} catch (const Error &error) {
		return error.what();
	}
	return "no error";
}

TEST(Engine, GivesThePredictedForegroundAndStraightAlpha)
{
	Engine engine({.model = constant_model(128.0 / 255)});
	EXPECT_EQ(engine.backbone(), "mobilenetv2");
	EXPECT_EQ(engine.device(), "cpu");
	EXPECT_EQ(engine.precision(), "fp32");
	TestPicture source(64, 48, {10, 20, 240, 255}), background(64, 48);
	engine.set_background(background.picture());
	engine.matte(source.picture(), source.picture()); // in place
	EXPECT_EQ(source.at(0, 0), (Rgba{10, 20, 240, 128}));
	EXPECT_EQ(source.at(63, 47), (Rgba{10, 20, 240, 128}));
}

TEST(Engine, MultipliesAlphaByTheSourcesOwn)
{
	Engine engine({.model = constant_model(0.5)});
	TestPicture source(32, 32, {1, 2, 3, 100}), background(32, 32);
	engine.set_background(background.picture());
	engine.matte(source.picture(), source.picture());
	EXPECT_EQ(source.at(5, 5).alpha, 50);
}

TEST(Engine, RemovesTheRoomAndKeepsThePerson)
{
	Engine engine({.model = difference_model()});
	TestPicture room(128, 96, {60, 80, 70, 255}), source = room;
	for (int y = 32; y < 96; y++)
		for (int x = 32; x < 96; x++)
			source.set(x, y, {200, 180, 170, 255});
	TestPicture result(128, 96);
	engine.set_background(room.picture());
	engine.matte(source.picture(), result.picture());
	EXPECT_EQ(result.at(4, 4).alpha, 0);
	EXPECT_EQ(result.at(64, 64), (Rgba{200, 180, 170, 255}));
}

// The network on tensors padded here, by other means, is the reference.
TEST(Engine, MattesAnySizeLikeTheNetworkOnAPaddedPicture)
{
	const auto model = formula_model("mobilenetv2");
	Engine engine({.model = model});
	ScriptedModel executor(open_model_file(model));
	for (const auto &[width, height] : {std::pair{16, 16}, {17, 31}, {130, 66}, {101, 203}}) {
		TestPicture source = noise(width, height, 1), background = noise(width, height, 2),
			    result(width, height);
		engine.set_background(background.picture());
		engine.matte(source.picture(), result.picture());

		const torch::InferenceMode inference;
		const auto planes = [&](TestPicture &p) {
			const at::Tensor rgb = at::from_blob(p.pixels.data(), {height, width, 4}, at::kByte)
						       .slice(2, 0, 3)
						       .permute({2, 0, 1})
						       .unsqueeze(0)
						       .to(at::kFloat) /
					       255;
			return at::replication_pad2d(rgb, {0, (4 - width % 4) % 4, 0, (4 - height % 4) % 4});
		};
		const MatteTensors matte = executor.run(planes(source), planes(background),
							with_quality(Options(), width, height, /*is_on_card=*/false));
		const at::Tensor expected = at::cat({matte.foreground, matte.alpha}, 1)
						    .slice(2, 0, height)
						    .slice(3, 0, width)
						    .squeeze(0)
						    .permute({1, 2, 0});
		const at::Tensor actual = at::from_blob(result.pixels.data(), {height, width, 4}, at::kByte);
		EXPECT_LE((actual.to(at::kFloat) - expected * 255).abs().max().item<float>(), 0.502f)
			<< width << "x" << height;
	}
}

TEST(Engine, HonoursThePitch)
{
	Engine engine({.model = constant_model(1)});
	TestPicture wide(64, 32, {7, 7, 7, 7});
	for (int y = 0; y < 32; y++)
		for (int x = 0; x < 24; x++)
			wide.set(x, y, {50, 100, 150, 255});
	Picture part = wide.picture();
	part.width = 24;
	TestPicture background(24, 32);
	engine.set_background(background.picture());
	engine.matte(part, part);
	EXPECT_EQ(wide.at(23, 31), (Rgba{50, 100, 150, 255}));
	EXPECT_EQ(wide.at(24, 31), (Rgba{7, 7, 7, 7}));
}

TEST(Engine, ScalesABackgroundOfTheSameShape)
{
	Engine engine({.model = difference_model()});
	TestPicture background(64, 48, {60, 80, 70, 255}), source(128, 96, {60, 80, 70, 255});
	engine.set_background(background.picture());
	engine.matte(source.picture(), source.picture());
	EXPECT_EQ(source.at(100, 90).alpha, 0);
}

TEST(Engine, NamesBothSizesWhenTheShapesDiffer)
{
	Engine engine({.model = constant_model(1)});
	TestPicture background(64, 64), source(64, 48);
	engine.set_background(background.picture());
	EXPECT_THAT(error_of([&] { engine.matte(source.picture(), source.picture()); }),
		    HasSubstr("the background is 64x64, the picture is 64x48"));
}

TEST(Engine, TakesChangedOptionsAndSizesFromFrameToFrame)
{
	Engine engine({.model = formula_model("mobilenetv2")});
	TestPicture source = noise(96, 64, 3), background = noise(96, 64, 4);
	engine.set_background(background.picture());
	const auto matte = [&](const Options &options) {
		TestPicture result(96, 64);
		engine.set_options(options);
		engine.matte(source.picture(), result.picture());
		return result.pixels;
	};
	Options few, half, full;
	few.quality = half.quality = full.quality = Quality::custom;
	few.refine_sample_pixels = 0;
	half.backbone_scale = 0.5;
	full.refine_mode = RefineMode::full;
	const auto first = matte(few);
	EXPECT_NE(first, matte(full));
	EXPECT_NE(first, matte(half));
	EXPECT_EQ(first, matte(few));
}

TEST(Engine, ShowsItsViews)
{
	Engine engine({.model = constant_model(0.2)});
	TestPicture source(32, 32, {10, 20, 30, 255}), background(32, 32), result(32, 32);
	engine.set_background(background.picture());
	const auto view = [&](View view) {
		engine.matte(source.picture(), result.picture(), view);
		return result.at(9, 9);
	};
	EXPECT_EQ(view(View::alpha), (Rgba{51, 51, 51, 255}));
	EXPECT_EQ(view(View::foreground), (Rgba{10, 20, 30, 255}));
	EXPECT_EQ(view(View::error), (Rgba{0, 0, 0, 255}));
	EXPECT_EQ(view(View::refined), (Rgba{0, 0, 0, 255}));
	EXPECT_EQ(view(View::result), (Rgba{10, 20, 30, 51}));
}

TEST(Engine, RunsAnotherNetworksCodeOnlyIfTold)
{
	EngineSettings settings{.model = other_network(), .executor = "scripted"};
	EXPECT_THAT(error_of([&] { Engine engine(settings); }), HasSubstr(other_network().string()));
	settings.runs_code = true;
	Engine engine(settings);
	EXPECT_EQ(engine.backbone(), "TorchScript");
	TestPicture source(33, 18, {60, 80, 70, 255}), background(33, 18, {60, 80, 70, 255}), result(33, 18);
	source.set(20, 9, {60, 200, 70, 255});
	engine.set_background(background.picture());
	engine.matte(source.picture(), result.picture());
	EXPECT_EQ(result.at(20, 9), (Rgba{60, 200, 70, 255}));
	EXPECT_EQ(result.at(19, 9).alpha, 0);
	engine.matte(source.picture(), result.picture(), View::error);
	EXPECT_EQ(result.at(20, 9), (Rgba{0, 0, 0, 255})) << "it has no such output";
}

TEST(Engine, MattesWithTheCodeInAFileAsWithItsWeights)
{
	const TestPicture source = noise(64, 48, 1), background = noise(64, 48, 2);
	Options options; // whatever is refined
	options.quality = Quality::custom;
	options.refine_mode = RefineMode::full;
	const auto matte = [&](bool runs_code) {
		Engine engine({.model = formula_model("mobilenetv2"), .executor = "scripted", .runs_code = runs_code});
		engine.set_options(options);
		TestPicture from = source, behind = background, result(64, 48);
		engine.set_background(behind.picture());
		engine.matte(from.picture(), result.picture());
		return result.pixels;
	};
	const auto by_weights = matte(false), by_code = matte(true);
	for (size_t i = 0; i < by_code.size(); i++)
		ASSERT_NEAR(by_code[i], by_weights[i], 1) << "byte " << i; // batch norms are folded into the one
}

TEST(Engine, RefusesCodeThatIsNone)
{
	EXPECT_THAT(error_of([] {
			    Engine({.model = PROJECT_ROOT "/README.md", .executor = "scripted", .runs_code = true});
		    }),
		    HasSubstr("no TorchScript file"));
	torch::jit::Module network("Wrong");
	network.define("def forward(self, src, bgr):\n    return src[:, 0:1, ::2], src\n");
	const auto file = std::filesystem::temp_directory_path() / "wrong-outputs.pth";
	network.save(file.string());
	Engine engine({.model = file, .executor = "scripted", .runs_code = true});
	TestPicture source(32, 32), background(32, 32);
	engine.set_background(background.picture());
	EXPECT_THAT(error_of([&] { engine.matte(source.picture(), source.picture()); }),
		    HasSubstr("choose another model"));
	std::filesystem::remove(file);
}

TEST(Engine, RefusesInWords)
{
	EXPECT_THAT(error_of([] { Engine({.model = "/nowhere.pth"}); }), HasSubstr("/nowhere.pth"));
	EXPECT_THAT(error_of([] { Engine({.model = constant_model(1), .device = "cuda"}); }), HasSubstr("CUDA"));
	EXPECT_THAT(error_of([] { Engine({.model = constant_model(1), .device = "gpu"}); }),
		    HasSubstr("no device gpu"));
	EXPECT_THAT(error_of([] { Engine({.model = constant_model(1), .precision = "fp16"}); }), HasSubstr("fp32"));
	Engine engine({.model = constant_model(1)});
	TestPicture tiny(15, 16), source(16, 16), other(20, 16);
	EXPECT_THAT(error_of([&] { engine.matte(source.picture(), source.picture()); }), HasSubstr("no background"));
	EXPECT_THAT(error_of([&] { engine.set_background(tiny.picture()); }), HasSubstr("15x16"));
	engine.set_background(source.picture());
	EXPECT_THAT(error_of([&] { engine.matte(source.picture(), other.picture()); }), HasSubstr("20x16"));
	engine.clear_background();
	EXPECT_FALSE(engine.has_background());
	Options wrong;
	wrong.backbone_scale = 0.6;
	EXPECT_THROW(engine.set_options(wrong), std::invalid_argument);
}

} // namespace
} // namespace matting
