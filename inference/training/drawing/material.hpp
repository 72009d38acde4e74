// SPDX-License-Identifier: GPL-2.0-or-later
// What things are made of: colours, patterns, and the light on them.
#pragma once

#include <array>
#include <memory>

#include "canvas.hpp"
#include "random.hpp"

namespace matting::training {

/// sRGB-encoded, 0..1.
struct Colour {
	float red, green, blue;
};

inline Colour operator*(Colour colour, double factor)
{
	const auto f = static_cast<float>(factor);
	return {colour.red * f, colour.green * f, colour.blue * f};
}
Colour mix(Colour from, Colour to, double share);
/// hue, saturation, value: 0..1.
Colour from_hsv(double hue, double saturation, double value);
Colour skin_colour(Random &random);
Colour hair_colour(Random &random);
Colour cloth_colour(Random &random);
Colour wall_colour(Random &random);
/// The colour, a little off.
Colour varied(Random &random, Colour colour, double deviation);
void set_colour(cairo_t *cairo, Colour colour, double alpha = 1);

/// Letters of no script: fonts differ between machines. With the current source; `from`: where the first one stands.
void stroke_writing(cairo_t *cairo, Random &random, Point from, double size, int letters);

enum class Pattern { plain, stripes, checks, plaid, mottled, photograph, dots, print, tiles };

/// A colour for each place.
class Material {
public:
	/// `size`: of the thing, in pixels; patterns follow it.
	Material(Random &random, Colour colour, Pattern pattern, double size);
	/// Of a pattern by chance.
	static Material cloth(Random &random, Colour colour, double size);
	static Material wall(Random &random, Colour colour, double size);
	static Material skin(Random &random, Colour colour, double size);

	Colour at(float x, float y) const;

private:
	Colour pattern_at(float x, float y) const;
	float wobble(float x, float y) const;
	void draw_print(Random &random);

	Pattern pattern_;
	std::array<Colour, 4> colours_;
	std::array<float, 3> edges_; // of stripes, in periods
	float cosine_, sine_, period_, wobble_, offset_;
	float scale_, sharpness_; // of noise: pixels for one unit of it
	float grain_, grain_scale_;
	float folds_, fold_scale_, fold_frequency_;
	std::shared_ptr<const Canvas> print_;
};

/// How the light falls on something round.
struct Light {
	double angle;        ///< it comes from there; radians
	double rounding = 0; ///< pixels from the outline to where the thing is flat
	double depth = 0;    ///< how dark the outline is, 0..1
	double contrast = 0; ///< between the lit and the other side
};

/// Fills the current path, and ends it.
void paint(const Canvas &canvas, const Material &material, const Light &light, double opacity = 1);

} // namespace matting::training
