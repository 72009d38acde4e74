// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting.hpp"

#include "model_file.hpp"
#include "pixels.hpp"
#include "scripted_executor.hpp"

#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr int min_size = 16;
constexpr int size_step = 4; // the network wants multiples of it

struct LoadedModel {
	Backbone backbone;
	ScriptedExecutor executor;
};

// Engines with the same file share its weights, as long as the file does not change.
std::shared_ptr<LoadedModel> load_model(const std::filesystem::path &path)
{
	static std::mutex mutex;
	static std::map<std::pair<std::string, std::filesystem::file_time_type>, std::weak_ptr<LoadedModel>> models;
	std::error_code ignored;
	const std::lock_guard lock(mutex);
	auto &known = models[{std::filesystem::absolute(path, ignored).string(),
			      std::filesystem::last_write_time(path, ignored)}];
	auto model = known.lock();
	if (!model) {
		const ModelFile file = open_model_file(path);
		model = std::make_shared<LoadedModel>(file.backbone, ScriptedExecutor(file));
		known = model;
	}
	return model;
}

std::string resolve_device(const std::string &device)
{
	if (device == "auto" || device == "cpu")
		return "cpu";
	if (device == "cuda" || device.starts_with("cuda:"))
		throw Error(fmt::format("this version has no CUDA engine, so it cannot run on {}: use the device cpu",
					device));
	throw Error(fmt::format("there is no device {}: use auto, cpu, cuda or cuda:N", device));
}

std::string resolve_precision(const std::string &precision)
{
	if (precision == "auto" || precision == "fp32")
		return "fp32";
	if (precision == "fp16")
		throw Error("half precision needs a CUDA device: on the CPU use fp32");
	throw Error(fmt::format("there is no precision {}: use auto, fp32 or fp16", precision));
}

void require_usable(const Picture &picture, const char *what)
{
	if (picture.device != Device::cpu)
		throw Error(fmt::format("the {} lies on another device than the model", what));
	if (picture.width < min_size || picture.height < min_size)
		throw Error(fmt::format("the {} is {}x{}; the least is {}x{}", what, picture.width, picture.height,
					min_size, min_size));
}

int64_t padded(int size)
{
	return (size + size_step - 1) / size_step * size_step;
}

at::Tensor empty_planes(int width, int height)
{
	return at::empty({1, 3, padded(height), padded(width)}, at::kFloat);
}

// The same shape, but for the rounding of one of them to whole pixels.
bool same_aspect(const Picture &a, int width, int height)
{
	const double scaled_width = static_cast<double>(a.width) * height / a.height;
	const double scaled_height = static_cast<double>(a.height) * width / a.width;
	return std::abs(scaled_width - width) < 1 || std::abs(scaled_height - height) < 1;
}

} // namespace

struct Engine::State {
	std::shared_ptr<LoadedModel> model;
	std::string backbone, device, precision;
	Options options;
	std::vector<uint8_t> plate_pixels;
	Picture plate; // as it was given
	// For the current size of the source, in pixels; made anew when it changes.
	int width = 0, height = 0;
	at::Tensor source, background;

	void prepare(int new_width, int new_height);
	MatteTensors run();
};

void Engine::State::prepare(int new_width, int new_height)
{
	if (width == new_width && height == new_height && background.defined())
		return;
	if (!same_aspect(plate, new_width, new_height))
		throw Error(fmt::format("the background is {}x{}, the picture is {}x{}: capture the background again "
					"with this camera setting, or give one of the same shape",
					plate.width, plate.height, new_width, new_height));
	at::Tensor planes = empty_planes(plate.width, plate.height);
	unpack(plate, planes);
	if (plate.width != new_width || plate.height != new_height) {
		const auto exact = planes.slice(2, 0, plate.height).slice(3, 0, plate.width);
		const auto scaled = at::_upsample_bilinear2d_aa(exact, {new_height, new_width}, false).clamp_(0, 1);
		planes = at::replication_pad2d(scaled,
					       {0, padded(new_width) - new_width, 0, padded(new_height) - new_height});
	}
	background = planes;
	source = empty_planes(new_width, new_height);
	width = new_width;
	height = new_height;
}

MatteTensors Engine::State::run()
{
	try {
		return model->executor.run(source, background, options);
	} catch (const c10::Error &error) {
		throw Error(fmt::format("matting a picture of {}x{} failed: {}", width, height,
					error.what_without_backtrace()));
	}
}

Engine::Engine(const EngineSettings &settings) : state_(std::make_unique<State>())
{
	state_->device = resolve_device(settings.device);
	state_->precision = resolve_precision(settings.precision);
	state_->model = load_model(settings.model);
	state_->backbone = backbone_name(state_->model->backbone);
}

Engine::~Engine() = default;
Engine::Engine(Engine &&) noexcept = default;
Engine &Engine::operator=(Engine &&) noexcept = default;

void Engine::set_options(const Options &options)
{
	require_in_range(options);
	state_->options = options;
}

void Engine::set_background(const Picture &background)
{
	require_usable(background, "background");
	const size_t row = size_t{4} * background.width;
	std::vector<uint8_t> pixels(row * background.height);
	for (int y = 0; y < background.height; y++)
		std::copy_n(background.pixels + y * background.pitch, row, pixels.data() + y * row);
	state_->plate_pixels = std::move(pixels);
	state_->plate = {state_->plate_pixels.data(), background.width, background.height,
			 static_cast<std::ptrdiff_t>(row), Device::cpu};
	state_->background = at::Tensor();
}

void Engine::clear_background()
{
	state_->plate = {};
	state_->plate_pixels.clear();
	state_->background = at::Tensor();
}

bool Engine::has_background() const
{
	return state_->plate.pixels != nullptr;
}

void Engine::matte(const Picture &source, const Picture &result, View view)
{
	require_usable(source, "picture");
	if (result.width != source.width || result.height != source.height)
		throw Error(fmt::format("the picture is {}x{}, its result {}x{}", source.width, source.height,
					result.width, result.height));
	if (!has_background())
		throw Error("there is no background yet: capture or choose one");
	const torch::InferenceMode inference;
	state_->prepare(source.width, source.height);
	unpack(source, state_->source);
	const MatteTensors matte = state_->run();

	const std::array size{state_->source.size(2), state_->source.size(3)};
	switch (view) {
	case View::result:
		return pack_result(matte.alpha, matte.foreground, source, result);
	case View::alpha:
		return pack_opaque(matte.alpha, result);
	case View::foreground:
		return pack_opaque(matte.foreground, result);
	case View::error:
		return pack_opaque(at::upsample_bilinear2d(matte.coarse_error, size, false), result);
	case View::refined:
		return pack_opaque(at::upsample_nearest2d(matte.refined, size), result);
	}
}

const std::string &Engine::backbone() const
{
	return state_->backbone;
}

const std::string &Engine::device() const
{
	return state_->device;
}

const std::string &Engine::precision() const
{
	return state_->precision;
}

} // namespace matting
