// SPDX-License-Identifier: GPL-2.0-or-later
#include "overwriting.hpp"

#include "inference/error.hpp"
#include "inference/media/formats.hpp"
#include "inference/platform.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

// What would be overwritten; empty if there is nothing.
std::string find_existing(const std::filesystem::path &output, int first_number)
{
	std::error_code ignored;
	if (!is_sequence_name(output))
		return std::filesystem::exists(output, ignored) ? output.string() : "";
	const std::vector<int> numbers = numbers_of(output);
	const auto found = std::lower_bound(numbers.begin(), numbers.end(), first_number);
	return found == numbers.end() ? "" : numbered_name(output, *found);
}

bool agrees(const std::string &question)
{
	fmt::print(stderr, "{} [y/N] ", question);
	std::fflush(stderr);
	const int answer = std::getchar();
	for (int rest = answer; rest != '\n' && rest != EOF;)
		rest = std::getchar();
	return answer == 'y' || answer == 'Y';
}

} // namespace

void add_overwriting_flags(CLI::App &command, Overwriting &overwriting)
{
	const auto add = [&](const char *name, const char *description, Overwriting value) {
		return command.add_flag_callback(
			name, [&overwriting, value] { overwriting = value; }, description);
	};
	auto *always = add("-y", "Overwrite without asking", Overwriting::always);
	add("-n", "Overwrite nothing; without either, a terminal is asked", Overwriting::never)->excludes(always);
}

void require_folder(const std::filesystem::path &output)
{
	const auto folder = output.parent_path();
	std::error_code ignored;
	if (!is_standard_output(output) && !folder.empty() && !std::filesystem::exists(folder, ignored))
		throw Error(fmt::format("cannot write {}: there is no folder {}; make it first", output.string(),
					folder.string()));
}

void require_no_input(const std::filesystem::path &output, const ProtectedFiles &inputs)
{
	if (inputs.are_hit_by(output))
		throw Error(fmt::format("the output {} is one of the inputs: choose another name or folder",
					output.string()));
}

void require_different(const std::filesystem::path &output, const std::filesystem::path &alpha)
{
	if (could_overwrite(alpha, output))
		throw Error(fmt::format("{} is the output and its alpha: choose another name for one of them",
					output.string()));
}

void require_may_write(const std::filesystem::path &output, int first_number, Overwriting overwriting)
{
	if (overwriting == Overwriting::always || is_standard_output(output))
		return;
	const std::string existing = find_existing(output, first_number);
	if (existing.empty())
		return;
	if (overwriting == Overwriting::never)
		throw Error(fmt::format("{} is there already, and -n keeps it", existing));
	const bool can_ask = is_terminal(stdin) && is_terminal(stderr);
	if (can_ask && !agrees(existing + " is there already. Overwrite it?"))
		throw Error(fmt::format("{} was kept", existing));
}

std::string older_pictures(const std::filesystem::path &output, int first_number, int64_t count)
{
	if (!is_sequence_name(output))
		return "";
	const std::vector<int> numbers = numbers_of(output);
	const auto first = std::lower_bound(numbers.begin(), numbers.end(), first_number + count);
	if (first == numbers.end())
		return "";
	return fmt::format("{} older pictures are still there, from {} on", numbers.end() - first,
			   numbered_name(output, *first));
}

} // namespace matting
