// SPDX-License-Identifier: GPL-2.0-or-later
// The program background-matting, started as users start it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace matting {

struct ProgramRun {
	int status = 0;     ///< of its exit; 128 + the signal that ended it
	std::string output; ///< what it wrote to stdout
	std::string errors; ///< ... and to stderr
};

struct Circumstances {
	std::string program;                        ///< another one than the build's
	bool on_terminal = false;                   ///< stderr is a terminal
	std::optional<size_t> max_file_bytes;       ///< as on a full disk
	std::function<void(int process)> meanwhile; ///< called once it has started
};

ProgramRun run_program(const std::vector<std::string> &arguments, const Circumstances &circumstances = {});

/// Exit 1 with one line that says `text`.
testing::Matcher<const ProgramRun &> fails_saying(const std::string &text);
/// Exit 0, and not a word.
testing::Matcher<const ProgramRun &> succeeds_quietly();

/// A folder of its own for each test, removed with it.
class FolderTest : public testing::Test {
protected:
	FolderTest();
	~FolderTest() override;

	std::string path(const std::string &name) const { return folder_ / name; }
	/// The names of the files in the folder, sorted.
	std::vector<std::string> files() const;
	bool exists(const std::string &name) const { return std::filesystem::exists(folder_ / name); }
	/// A copy of the program alone, as if all its parts had been lost. `tree`: where it is unpacked.
	Circumstances without_parts(const std::string &tree = ".") const;

private:
	std::filesystem::path folder_;
};

std::string read_file(const std::filesystem::path &path);
void write_file(const std::filesystem::path &path, std::string_view bytes);

} // namespace matting
