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

/// Says it on stderr, as one line.
void tell(const std::string &line);
/// The same only on a terminal: what is good to know and nothing that is lost.
void tell_on_terminal(const std::string &line);

} // namespace matting
