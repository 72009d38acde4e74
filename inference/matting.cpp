// SPDX-License-Identifier: GPL-2.0-or-later
#include "matting.hpp"

#include "bitmap.hpp"
#include "cuda_library.hpp"
#include "executor.hpp"
#include "finishing.hpp"
#include "loaded_model.hpp"
#include "on_device.hpp"
#include "pixels.hpp"
#include "plate_follower.hpp"
#include "sizes.hpp"

#include <optional>

#include <fmt/format.h>

namespace matting {
namespace {

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

void require_usable(const Picture &picture, bool may_be_cuda)
{
	if (picture.device != Device::cpu && !may_be_cuda)
		throw Error("engine.other_device", "a picture lies on another device than the model");
	if (picture.width < min_dimension || picture.height < min_dimension)
		throw Error("engine.too_small", "a picture of {}x{} is too small: the least is {}x{}", picture.width,
			    picture.height, min_dimension, min_dimension);
}

} // namespace

struct Engine::State {
	std::shared_ptr<LoadedModel> model;
	std::unique_ptr<Executor> executor;
	EngineSettings settings;
	std::string device, precision, fallback;
	Options options;
	std::optional<Bitmap> plate;      // as it was given
	Bitmap kept;                      // a source; see Note [Automatic means that it works]
	PlateFollower follower;           // has it for the size of the sources
	std::optional<Finisher> finisher; // where pictures were finished last
	Device finisher_device = Device::cpu;
	bool may_be_cuda = false; // pictures to matte
	int cuda_index = -1;
	MatteFigures figures;
	// The size for which the executor has the plate; 0: it has none.
	int width = 0, height = 0;

	void load(int index);
	void fall_back(const std::string &reason);
	void prepare(int new_width, int new_height);
	void use_plate(int new_width, int new_height);
	Finisher &finisher_for(const Picture &result);
	void matte(const Picture &source, const Picture &result, View view);

	template<typename Doing, typename Action> void on_device(const Doing &doing, const Action &action) const
	{
		matting::on_device(cuda_index, doing, action);
	}
};

void Engine::State::load(int index)
{
	cuda_index = index;
	finisher.reset();
	device = cuda_index < 0 ? "cpu" : fmt::format("cuda:{}", cuda_index);
	const bool is_second_best = cuda_index < 0 && !fallback.empty();
	precision = resolve_precision(is_second_best ? "auto" : settings.precision, cuda_index >= 0);
	may_be_cuda = cuda_index >= 0 && settings.executor == "fast";
	width = height = 0;
	if (may_be_cuda)
		follower.set_remote(
			{[index](const Picture &from, int first, int every, const Picture &to) {
				 cuda_backend().read_rows(index, from, first, every, to);
			 },
			 [index](const Picture &from, const Picture &to) { cuda_backend().write(index, from, to); },
			 [index](const Picture &to) {
				 return cuda_backend().pin(index, to.pixels, size_t{4} * to.width * to.height);
			 }});
	on_device([&] { return Error::sentence("engine.cannot_run", "{} cannot run this model", device); },
		  [&] {
			  executor = model->make_executor(settings.executor, {device, precision, cuda_index});
		  });
}

// Note [Automatic means that it works]
// A card is a promise that machines break: it may be too old, full, out of order, or its libraries not be installed. Whoever
// has asked for it by name wants to know; whoever has not wants a matte. So `auto` then is the CPU, and says why. A card may
// fail when half of a matte lies over its source already: so a copy of that is kept.
void Engine::State::fall_back(const std::string &reason)
{
	executor.reset(); // what it holds may be what the card has too little of
	fallback = reason;
	load(-1);
}

void Engine::State::prepare(int new_width, int new_height)
{
	if (width == new_width && height == new_height)
		return;
	const Picture given = plate->picture();
	if (!same_aspect(given, new_width, new_height))
		throw Error(
			"engine.other_shape",
			"the background is {}x{}, the picture is {}x{}: capture the background again with this camera "
			"setting, or give one of the same shape",
			given.width, given.height, new_width, new_height);
	width = height = 0; // until all have it
	if (given.width == new_width && given.height == new_height) {
		follower.set_plate(given);
	} else {
		std::vector<uint8_t> pixels = scale(given, new_width, new_height);
		follower.set_plate({pixels.data(), new_width, new_height, std::ptrdiff_t{4} * new_width, Device::cpu});
	}
	use_plate(new_width, new_height);
}

void Engine::State::use_plate(int new_width, int new_height)
{
	width = height = 0;
	on_device([&] { return Error::sentence("engine.plate_failed", "preparing the background failed"); },
		  [&] {
			  executor->set_background(follower.plate());
			  if (finisher)
				  finisher->set_plate(follower.plate());
		  });
	width = new_width;
	height = new_height;
}

Finisher &Engine::State::finisher_for(const Picture &result)
{
	if (finisher && finisher_device == result.device)
		return *finisher;
	finisher.reset(); // and there is none until it has all that it needs
	finisher_device = result.device;
	Finisher made(finisher_device == Device::cpu ? make_cpu_finishing()
						     : cuda_backend().make_finishing(cuda_index));
	made.set_plate(follower.plate());
	return finisher.emplace(std::move(made));
}

void Engine::State::matte(const Picture &source, const Picture &result, View view)
{
	if (!executor) // the last time there was none to be had
		load(cuda_index);
	prepare(source.width, source.height);
	bool has_changed = false;
	on_device([&] { return Error::sentence("engine.look_failed", "looking at a picture failed"); },
		  [&] { has_changed = follower.look(source); });
	if (has_changed)
		use_plate(source.width, source.height);
	const Options wanted = with_quality(options, source.width, source.height, is_cuda(device));
	const bool is_finished = wants_finishing(view, wanted);
	const auto finishing = [&](const auto &action) {
		if (is_finished)
			on_device([&] { return Error::sentence("engine.edge_failed", "finishing an edge failed"); },
				  [&] { action(finisher_for(result)); });
	};
	finishing([&](Finisher &finisher) { finisher.begin(source, wanted); });
	const auto matting = [&] {
		return Error::sentence("engine.matte_failed", "matting a picture of {}x{} failed", width, height);
	};
	on_device(matting, [&] { executor->matte(source, wanted, is_finished ? View::result : view, result); });
	finishing([&](Finisher &finisher) { finisher.finish(result, view, wanted); });
	on_device([&] { return Error::sentence("engine.figures_failed", "looking at a matte failed"); },
		  [&] {
			  follower.clear_unknown(result, view);
			  if (view == View::result)
				  figures = follower.figures_of(result);
		  });
}

Engine::Engine(const EngineSettings &settings) : state_(std::make_unique<State>())
{
	if (settings.executor != "fast" && settings.executor != "scripted")
		throw Error(fmt::format("there is no executor {}: use fast or scripted", settings.executor));
	const CudaChoice choice = choose_cuda_device(settings.device);
	state_->settings = settings;
	state_->model = load_model(settings.model, settings.executor == "scripted" && settings.runs_code);
	state_->fallback = choice.reason;
	try {
		state_->load(choice.index);
	} catch (const DeviceError &error) {
		if (settings.device != "auto")
			throw;
		state_->fall_back(error.what());
	}
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
	require_usable(background, false);
	state_->plate.emplace(background);
	state_->width = state_->height = 0;
}

void Engine::clear_background()
{
	state_->plate.reset();
}

bool Engine::has_background() const
{
	return state_->plate.has_value();
}

void Engine::matte(const Picture &source, const Picture &result, View view)
{
	require_usable(source, state_->may_be_cuda);
	require_usable(result, state_->may_be_cuda);
	if (result.width != source.width || result.height != source.height)
		throw Error(fmt::format("the picture is {}x{}, its result {}x{}", source.width, source.height,
					result.width, result.height));
	if (!has_background())
		throw Error("engine.no_background", "there is no background yet: capture or choose one");
	const torch::InferenceMode inference;
	const bool may_fall_back = state_->settings.device == "auto" && is_cuda(state_->device) &&
				   source.device == Device::cpu && result.device == Device::cpu;
	const bool is_kept = may_fall_back && source.pixels == result.pixels;
	if (is_kept)
		state_->kept.copy(source);
	try {
		state_->matte(source, result, view);
	} catch (const DeviceError &error) {
		if (!may_fall_back)
			throw;
		state_->fall_back(error.what());
		state_->matte(is_kept ? state_->kept.picture() : source, result, view);
	}
}

void Engine::time_stages(bool on)
{
	state_->executor->time_stages(on);
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

const Options &Engine::attributes() const
{
	return state_->model->attributes();
}

const std::string &Engine::backbone() const
{
	return state_->model->backbone();
}

const std::string &Engine::device() const
{
	return state_->device;
}

const std::string &Engine::fallback() const
{
	return state_->fallback;
}

const std::string &Engine::precision() const
{
	return state_->precision;
}

} // namespace matting
