// SPDX-License-Identifier: GPL-2.0-or-later
// A training in a folder: what it says, and what it leaves behind while it runs.
#pragma once

#include "evaluation.hpp"
#include "trainer.hpp"
#include "validation.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace matting::training {

/// The folder of a training and the names in it.
struct TrainingFolder {
	std::filesystem::path folder;

	/// Makes the folder if need be. Throws Error if it cannot be written to.
	explicit TrainingFolder(std::filesystem::path folder);

	std::filesystem::path checkpoint() const { return folder / "checkpoint.training"; }
	std::filesystem::path model() const { return folder / "model.pth"; }
	std::filesystem::path card() const { return folder / "model.md"; }
	std::filesystem::path preview() const { return folder / "preview.png"; }
};

/// Throws Error: there is such a file already.
void require_new(const std::filesystem::path &file);

/// What a training needs of the program that runs it.
struct TrainingHost {
	std::function<bool()> is_interrupted;
	std::function<void(const std::filesystem::path &, const Picture &)> write_picture; ///< throws Error
};

/// Thread-safety: none.
class TrainingSession {
public:
	/// All of them outlive the session.
	TrainingSession(const TrainingHost &host, const TrainingFolder &folder, Trainer &trainer);

	/// Trains to the end, with a line now and then, and a checkpoint, a model (half precision) and a preview every few
	/// minutes. False if it was interrupted; the checkpoint is then up to date.
	bool run();

private:
	void count(const StepReport &report);
	void print_collecting();
	void print_line();
	void write_preview(const at::Tensor &sheet) const;
	double look() const;
	void save();

	const TrainingHost &host_;
	const TrainingFolder &folder_;
	Trainer &trainer_;
	ProceduralFrames frames_{ProceduralFrames::Cast::validation};
	double error_; // of the latest validation
	struct {
		double steps = 0, samples = 0, loss = 0, error = 0, baseline = 0, seconds = 0, waited = 0, drawn = 0;
	} since_; // the last line
	std::chrono::steady_clock::time_point printed_, saved_;
};

/// "1:02:03"
std::string clock_time(double seconds);

} // namespace matting::training
