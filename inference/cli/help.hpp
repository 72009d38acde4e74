// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
}

namespace matting {

/// Lists choices as plain words, says which is the default, and breaks long lines.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// Errors quote names out of files, which can hold anything: one line of text, whatever they say.
std::string one_line(std::string text);

} // namespace matting
