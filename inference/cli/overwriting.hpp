// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/media/file_names.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace matting {

enum class Overwriting { ask, always, never };

/// -y and -n.
void add_overwriting_flags(CLI::App &command, Overwriting &overwriting);

/// Of what is to be written. Throws Error: there is none.
void require_folder(const std::filesystem::path &output);

/// Throws Error if what is written could lie over one of these.
void require_no_input(const std::filesystem::path &output, const ProtectedFiles &inputs);
/// The same of the two outputs.
void require_different(const std::filesystem::path &output, const std::filesystem::path &alpha);

/// Asks on a terminal, where the file (or a picture of the sequence, from `first_number` on) is there already. Throws Error if it
/// must stay.
void require_may_write(const std::filesystem::path &output, int first_number, Overwriting overwriting);

/// What is left of an earlier, longer run behind the pictures of a sequence that were written: a sentence, or empty.
std::string older_pictures(const std::filesystem::path &output, int first_number, int64_t count);

} // namespace matting
