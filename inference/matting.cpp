// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting.hpp"

#include "cuda_library.hpp"
#include "executor.hpp"
#include "pixels.hpp"
#include "plate_follower.hpp"
#include "sizes.hpp"

#include "inference/model/model_file.hpp"

#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

#include <fmt/format.h>

namespace matting {
namespace {

/// A file's weights, made ready for an executor and its target when the first engine asks for them.
class LoadedModel {
public:
	explicit LoadedModel(const std::filesystem::path &path) : file_(open_model_file(path)) {}
	Backbone backbone() const { return file_.backbone; }

	std::unique_ptr<Executor> make_executor(const std::string &executor, const Target &target)
	{
		const std::lock_guard lock(mutex_);
		auto &model = models_[{executor, target.device, target.precision}];
		if (!model)
			model = executor == "fast" ? make_fast_model(file_, target)
						   : make_scripted_model(file_, target);
		return model->make_executor();
	}

private:
	std::mutex mutex_;
	const ModelFile file_;
	std::map<std::tuple<std::string, std::string, std::string>, std::unique_ptr<ReadyModel>> models_;
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
		model = std::make_shared<LoadedModel>(path);
		known = model;
	}
	return model;
}

std::string resolve_precision(const std::string &precision, bool is_cuda)
{
	if (precision == "auto")
		return is_cuda ? "fp16" : "fp32";
	if (precision == "fp32" || (precision == "fp16" && is_cuda))
		return precision;
	if (precision == "fp16")
		throw Error("half precision needs a CUDA device: on the CPU use fp32");
	throw Error(fmt::format("there is no precision {}: use auto, fp32 or fp16", precision));
}

const std::string &require_executor(const std::string &executor)
{
	if (executor != "fast" && executor != "scripted")
		throw Error(fmt::format("there is no executor {}: use fast or scripted", executor));
	return executor;
}

void require_usable(const Picture &picture, const char *what, bool may_be_cuda)
{
	if (picture.device != Device::cpu && !may_be_cuda)
		throw Error(fmt::format("the {} lies on another device than the model", what));
	if (picture.width < min_dimension || picture.height < min_dimension)
		throw Error(fmt::format("the {} is {}x{}; the least is {}x{}", what, picture.width, picture.height,
					min_dimension, min_dimension));
}

// The same shape, but for the rounding of one of them to whole pixels.
bool same_aspect(const Picture &a, int width, int height)
{
	const double scaled_width = static_cast<double>(a.width) * height / a.height;
	const double scaled_height = static_cast<double>(a.height) * width / a.width;
	return std::abs(scaled_width - width) < 1 || std::abs(scaled_height - height) < 1;
}

// RGBA8, opaque.
std::vector<uint8_t> scale(const Picture &picture, int width, int height)
{
	at::Tensor planes = empty_planes(picture.width, picture.height);
	unpack(picture, planes);
	const auto exact = planes.slice(2, 0, picture.height).slice(3, 0, picture.width);
	std::vector<uint8_t> pixels(size_t{4} * width * height);
	pack_opaque(at::_upsample_bilinear2d_aa(exact, {height, width}, false).clamp_(0, 1).contiguous(),
		    {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu});
	return pixels;
}

// Every fourth row says enough.
MatteFigures measure(const Picture &result)
{
	constexpr int rows_apart = 4;
	const auto is_opaque = [&result](int x, int y) {
		return result.pixels[y * result.pitch + 4 * x + 3] >> 7;
	};
	int64_t opaque = 0, rows = 0, left = 0, right = 0, top = 0;
	for (int x = 0; x < result.width; x++)
		top += is_opaque(x, 0);
	for (int y = 0; y < result.height; y += rows_apart, rows++) {
		left += is_opaque(0, y);
		right += is_opaque(result.width - 1, y);
		for (int x = 0; x < result.width; x++)
			opaque += is_opaque(x, y);
	}
	const auto share = [](int64_t part, int64_t whole) {
		return static_cast<double>(part) / static_cast<double>(whole);
	};
	return {.opaque = share(opaque, rows * result.width),
		.left = share(left, rows),
		.right = share(right, rows),
		.top = share(top, result.width)};
}

} // namespace

struct Engine::State {
	std::shared_ptr<LoadedModel> model;
	std::unique_ptr<Executor> executor;
	std::string backbone, device, precision;
	Options options;
	std::vector<uint8_t> plate_pixels;
	Picture plate;            // as it was given
	PlateFollower follower;   // has it for the size of the sources
	bool may_be_cuda = false; // pictures to matte
	MatteFigures figures;
	// The size for which the executor has the plate; 0: it has none.
	int width = 0, height = 0;

	void prepare(int new_width, int new_height);
	void finish(const Picture &result);
};

void Engine::State::prepare(int new_width, int new_height)
{
	if (width == new_width && height == new_height)
		return;
	if (!same_aspect(plate, new_width, new_height))
		throw Error(fmt::format("the background is {}x{}, the picture is {}x{}: capture the background again "
					"with this camera setting, or give one of the same shape",
					plate.width, plate.height, new_width, new_height));
	width = height = 0; // until the executor has all of it
	if (plate.width == new_width && plate.height == new_height) {
		follower.set_plate(plate);
	} else {
		std::vector<uint8_t> pixels = scale(plate, new_width, new_height);
		follower.set_plate({pixels.data(), new_width, new_height, std::ptrdiff_t{4} * new_width, Device::cpu});
	}
	executor->set_background(follower.plate());
	width = new_width;
	height = new_height;
}

void Engine::State::finish(const Picture &result)
{
	if (result.device != Device::cpu)
		return;
	follower.clear_unknown(result);
	figures = measure(result);
	figures.fit = follower.fit().value_or(1);
	figures.movement = follower.movement();
	figures.red = follower.light()[0];
	figures.green = follower.light()[1];
	figures.blue = follower.light()[2];
}

Engine::Engine(const EngineSettings &settings) : state_(std::make_unique<State>())
{
	const int cuda_index = choose_cuda_device(settings.device);
	state_->device = cuda_index < 0 ? "cpu" : fmt::format("cuda:{}", cuda_index);
	state_->precision = resolve_precision(settings.precision, cuda_index >= 0);
	state_->may_be_cuda = cuda_index >= 0 && require_executor(settings.executor) == "fast";
	state_->model = load_model(settings.model);
	try {
		state_->executor = state_->model->make_executor(require_executor(settings.executor),
								{state_->device, state_->precision, cuda_index});
	} catch (const c10::Error &error) {
		throw Error(
			fmt::format("{} cannot run this model: {}", state_->device, error.what_without_backtrace()));
	}
	state_->backbone = backbone_name(state_->model->backbone());
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
	require_usable(background, "background", false);
	const size_t row = size_t{4} * background.width;
	std::vector<uint8_t> pixels(row * background.height);
	for (int y = 0; y < background.height; y++)
		std::copy_n(background.pixels + y * background.pitch, row, pixels.data() + y * row);
	state_->plate_pixels = std::move(pixels);
	state_->plate = {state_->plate_pixels.data(), background.width, background.height,
			 static_cast<std::ptrdiff_t>(row), Device::cpu};
	state_->width = state_->height = 0;
}

void Engine::clear_background()
{
	state_->plate = {};
	state_->plate_pixels.clear();
	state_->width = state_->height = 0;
}

bool Engine::has_background() const
{
	return state_->plate.pixels != nullptr;
}

void Engine::matte(const Picture &source, const Picture &result, View view)
{
	require_usable(source, "picture", state_->may_be_cuda);
	require_usable(result, "result", state_->may_be_cuda);
	if (result.width != source.width || result.height != source.height)
		throw Error(fmt::format("the picture is {}x{}, its result {}x{}", source.width, source.height,
					result.width, result.height));
	if (!has_background())
		throw Error("there is no background yet: capture or choose one");
	const torch::InferenceMode inference;
	try {
		state_->prepare(source.width, source.height);
		if (source.device == Device::cpu && state_->follower.look(source))
			state_->executor->set_background(state_->follower.plate());
		state_->executor->matte(source, state_->options, view, result);
		if (view == View::result)
			state_->finish(result);
	} catch (const c10::Error &error) {
		throw Error(fmt::format("matting a picture of {}x{} failed: {}", source.width, source.height,
					error.what_without_backtrace()));
	}
}

std::vector<StageTime> Engine::stage_times() const
{
	return state_->executor->stage_times();
}

DeviceFigures Engine::device_figures() const
{
	return state_->executor->device_figures();
}

const MatteFigures &Engine::figures() const
{
	return state_->figures;
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
