// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace matting {

/// Follows a value by a tenth of the way each time; 0 is not known yet. `Number`: double, or an atomic of it.
template<typename Number> void smooth(Number &average, double value)
{
	average = average == 0 ? value : average + 0.1 * (value - average);
}

} // namespace matting
