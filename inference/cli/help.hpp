// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace matting {

/// Lists choices as plain words, says which is the default, and breaks long lines.
std::shared_ptr<CLI::FormatterBase> help_formatter();

} // namespace matting
