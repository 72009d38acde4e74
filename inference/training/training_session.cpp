// SPDX-License-Identifier: GPL-2.0-or-later
#include "training_session.hpp"

#include "inference/atomic_file.hpp"
#include "inference/model/model_file.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace matting::training {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto line_every = std::chrono::seconds(15), save_every = std::chrono::seconds(180),
	       save_every_on_card = std::chrono::seconds(90);
constexpr int validation_frames = 4;
constexpr std::array lesson_names{"coarse", "tuning", "refiner"};

// Half precision; `network` stays as it is.
void save_as_half(const torch::jit::Module &network, const std::filesystem::path &path)
{
	torch::jit::Module model = network.deepcopy();
	model.to(at::kCPU);
	convert_to_half(model);
	save_network(model, path);
}

} // namespace

TrainingFolder::TrainingFolder(std::filesystem::path path) : folder(std::move(path))
{
	make_folder(folder);
	const AtomicFile probe(checkpoint());
}

void require_new(const std::filesystem::path &file)
{
	if (std::filesystem::exists(file))
		throw Error(fmt::format("{} is there already, and would be overwritten: take another folder",
					file.string()));
}

std::string clock_time(double seconds)
{
	const auto whole = static_cast<int64_t>(seconds + 0.5);
	return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

TrainingSession::TrainingSession(const TrainingHost &host, const TrainingFolder &folder, Trainer &trainer)
	: host_(host), folder_(folder), trainer_(trainer), error_(look()), printed_(Clock::now()), saved_(Clock::now())
{
	fmt::print("validation: {:.2f} to begin with\n", error_);
	std::fflush(stdout);
}

bool TrainingSession::run()
{
	const auto pause = device_of(trainer_.average()).is_cpu() ? save_every : save_every_on_card;
	while (!trainer_.is_done() && !host_.is_interrupted()) {
		const size_t stage = trainer_.position().stage;
		if (trainer_.collect()) {
			if (Clock::now() - printed_ >= line_every)
				print_collecting();
			continue;
		}
		count(trainer_.step());
		const bool is_new_stage = trainer_.position().stage != stage;
		if (Clock::now() - printed_ >= line_every && !is_new_stage)
			print_line();
		if (is_new_stage)
			since_ = {};
		if (Clock::now() - saved_ >= pause || is_new_stage)
			save();
	}
	if (!trainer_.is_done())
		save();
	return trainer_.is_done();
}

void TrainingSession::count(const StepReport &report)
{
	since_.steps++;
	since_.samples += report.samples;
	since_.loss += report.loss;
	since_.error += report.error;
	since_.baseline += report.baseline;
	since_.seconds += report.seconds;
	since_.waited += report.waited;
	since_.drawn += report.drawn;
}

void TrainingSession::print_collecting()
{
	fmt::print("collecting the patches to begin with: {} more pictures\n",
		   trainer_.batches_to_collect() * trainer_.plan().stages[trainer_.position().stage].batches.batch);
	std::fflush(stdout);
	printed_ = Clock::now();
}

void TrainingSession::print_line()
{
	const Position &position = trainer_.position();
	const Stage &stage = trainer_.plan().stages[position.stage];
	fmt::print("{} {} {:3.0f} %  step {}  loss {:.4f}  error {:.2f}",
		   lesson_names[static_cast<size_t>(stage.lesson)], sizes_text(stage.batches),
		   100 * trainer_.progress(), position.steps, since_.loss / since_.steps,
		   1000 * since_.error / since_.steps);
	if (stage.lesson == Lesson::refiner)
		fmt::print(" ({:.0f} % of the coarse)", 100 * since_.error / since_.baseline);
	fmt::print("  validation {:.2f}  {:.1f} images/s (drawn at {:.0f})  busy {:.0f} %  {} left\n", error_,
		   since_.samples / since_.seconds, since_.samples / since_.drawn,
		   100 - 100 * since_.waited / since_.seconds, clock_time(trainer_.seconds_left()));
	std::fflush(stdout);
	since_ = {};
	printed_ = Clock::now();
}

void TrainingSession::write_preview(const at::Tensor &sheet) const
{
	std::vector<uint8_t> pixels = to_pixels(sheet);
	const auto width = static_cast<int>(sheet.size(2)), height = static_cast<int>(sheet.size(1));
	host_.write_picture(folder_.preview(), {pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu});
}

// Before the first step, too: where no picture can be written, that is said at once.
double TrainingSession::look() const
{
	const Validation validation = validate(
		trainer_.average(), [this](int number) { return frames_.make(number); }, validation_frames);
	write_preview(validation.sheet);
	return validation.error;
}

void TrainingSession::save()
{
	trainer_.save(folder_.checkpoint());
	error_ = look();
	save_as_half(trainer_.average(), folder_.model());
	saved_ = Clock::now();
}

} // namespace matting::training
