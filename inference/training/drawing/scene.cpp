// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene.hpp"

#include <algorithm>

#include "steps.hpp"

namespace matting::training {
namespace {

// Enlarged drawings have softer edges than a lens; small ones may be sharp, too.
void make_crisp(const std::vector<double> &strengths, at::Tensor &layers)
{
	at::Tensor alpha = alpha_of(layers);
	const at::Tensor crisp = (alpha - 0.5).mul_(numbers(strengths, layers.device())).add_(0.5).clamp_(0, 1);
	colours_of(layers).mul_(crisp / alpha.clamp_min(1e-3));
	alpha.copy_(crisp);
}

void light(const std::vector<LayerPlan::Lamp> &lamps, at::Tensor &layers)
{
	const at::Tensor field = smooth_fields(each(lamps, &LayerPlan::Lamp::field), Extent::of(layers));
	colours_of(layers).mul_(1 + field.mul_(numbers(lamps, &LayerPlan::Lamp::strength, layers.device())));
}

// What is inside stays sharp. Where alpha is half transparent then, there are tufts.
void soften_edges(const std::vector<LayerPlan::Softness> &steps, at::Tensor &layers)
{
	const Extent extent = Extent::of(layers);
	const at::Tensor blurry = blurred(layers, each(steps, &LayerPlan::Softness::deviation));
	const at::Tensor alpha = alpha_of(layers), blurry_alpha = alpha_of(blurry);
	at::Tensor soft = blurry_alpha.clone();
	if (std::any_of(steps.begin(), steps.end(), [](const auto &step) { return step.strength > 0; }))
		soft.add_(noise(each(steps, &LayerPlan::Softness::tufts), extent)
				  .mul_(numbers(steps, &LayerPlan::Softness::strength, extent.device) * 4)
				  .mul_(blurry_alpha)
				  .mul_(1 - blurry_alpha))
			.clamp_(0, 1);
	const at::Tensor end = at::lerp(alpha, soft, patches(each(steps, &LayerPlan::Softness::where), extent));
	// Where it was, its own colour; beyond, that of what is near.
	const at::Tensor other = (1 - alpha).mul_(end).div_(blurry_alpha.clamp_min(1e-6));
	colours_of(layers).mul_(end).addcmul_(colours_of(blurry), other);
	alpha.copy_(end);
}

at::Tensor draw_layers(const std::vector<LayerPlan> &plans, int64_t height, int64_t width)
{
	at::Tensor layers = look_at(each(plans, &LayerPlan::sight), Outside::nothing, height, width);
	where_drawn(plans, &LayerPlan::crispness, make_crisp, layers);
	where_drawn(plans, &LayerPlan::lamp, light, layers);
	where_drawn(plans, &LayerPlan::softness, soften_edges, layers);
	const auto blur = [](const auto &steps, at::Tensor &part) {
		part = blurred(part, steps);
	};
	where_drawn(plans, &LayerPlan::blur, blur, layers);
	where_drawn(plans, &LayerPlan::motion, blur, layers);
	return layers;
}

void limit(const at::Tensor &layers)
{
	at::Tensor colours = colours_of(layers);
	at::minimum_out(colours, colours.clamp_min_(0), alpha_of(layers));
}

void add_layers(const std::vector<LayerPlan> &plans, at::Tensor &rooms, at::Tensor &foreground, at::Tensor &alpha)
{
	at::Tensor layers = draw_layers(plans, rooms.size(2), rooms.size(3));
	colours_of(layers).mul_(factors(plans, &LayerPlan::colour, layers.device()));
	limit(layers);
	camouflage(layers, rooms, each(plans, &LayerPlan::camouflage));
	limit(layers);
	const at::Tensor rest = 1 - alpha_of(layers);
	foreground.mul_(rest).add_(colours_of(layers));
	alpha.mul_(rest).add_(alpha_of(layers));
}

// The first layers of all samples, then the second ones: those are before the first.
template<typename Part> struct Turn {
	std::optional<Part> part;
};
template<typename Part, typename Work, typename... Pictures>
void one_after_the_other(const std::vector<ScenePlan> &plans, std::vector<Part> ScenePlan::*parts, const Work &work,
			 Pictures &...pictures)
{
	size_t most = 0;
	for (const ScenePlan &plan : plans)
		most = std::max(most, (plan.*parts).size());
	for (size_t i = 0; i < most; i++)
		where_drawn(each(plans,
				 [&](const ScenePlan &plan) {
					 const std::vector<Part> &own = plan.*parts;
					 return i < own.size() ? Turn<Part>{own[i]} : Turn<Part>{};
				 }),
			    &Turn<Part>::part, work, pictures...);
}

// What leaves on one side comes in on the other.
void cast_shadows(const std::vector<ShadowPlan> &plans, at::Tensor &rooms, const at::Tensor &alpha)
{
	std::vector<at::Tensor> moved;
	for (size_t i = 0; i < plans.size(); i++)
		moved.push_back(
			alpha.narrow(0, static_cast<int64_t>(i), 1).roll({plans[i].down, plans[i].right}, {2, 3}));
	const at::Tensor shadows = blurred(at::cat(moved), each(plans, &ShadowPlan::deviation));
	rooms.mul_(1 - shadows * numbers(plans, &ShadowPlan::depth, rooms.device()));
}

void change_colours(const std::vector<LightPlan::Colours> &steps, at::Tensor &rooms)
{
	const at::Tensor field = smooth_fields(each(steps, &LightPlan::Colours::field), Extent::of(rooms));
	rooms.mul_((field * factors(steps, &LightPlan::Colours::strength, rooms.device())).add_(1));
}

void change_reflections(const std::vector<LightPlan::Reflections> &steps, at::Tensor &rooms,
			const at::Tensor &empty_rooms)
{
	const auto number = [&](auto member) {
		return numbers(steps, member, rooms.device());
	};
	const at::Tensor distance =
		(empty_rooms.mean(1, /*keepdim=*/true) - number(&LightPlan::Reflections::brightness))
			.abs_()
			.div_(number(&LightPlan::Reflections::width));
	const at::Tensor field = smooth_fields(each(steps, &LightPlan::Reflections::field), Extent::of(rooms));
	const at::Tensor share = (3 - 3 * distance).clamp_(0, 1).mul_(field + 0.5);
	rooms.addcmul_(share, factors(steps, &LightPlan::Reflections::colour, rooms.device()));
}

void cast_strangers_shadows(const std::vector<LightPlan::Shadow> &steps, at::Tensor &rooms)
{
	const at::Tensor where = patches(each(steps, &LightPlan::Shadow::where), Extent::of(rooms));
	rooms.mul_(1 - where * numbers(steps, &LightPlan::Shadow::depth, rooms.device()));
}

void add_glare(const std::vector<LightPlan::Glare> &steps, at::Tensor &rooms)
{
	const at::Tensor field = smooth_fields(each(steps, &LightPlan::Glare::field), Extent::of(rooms));
	rooms.add_(field.clamp_min_(0).mul_(numbers(steps, &LightPlan::Glare::strength, rooms.device())));
}

} // namespace

Scenes compose(const at::Tensor &rooms, const std::vector<ScenePlan> &plans)
{
	Scenes scenes{rooms, {}, at::zeros_like(rooms), at::zeros_like(rooms.narrow(1, 0, 1))};
	one_after_the_other(plans, &ScenePlan::layers, add_layers, scenes.empty_room, scenes.foreground, scenes.alpha);
	scenes.room = scenes.empty_room.clamp_(0, 1).clone();
	one_after_the_other(plans, &ScenePlan::shadows, cast_shadows, scenes.room, std::as_const(scenes.alpha));
	const std::vector<LightPlan> lights = each(plans, &ScenePlan::light);
	where_drawn(lights, &LightPlan::colours, change_colours, scenes.room);
	where_drawn(lights, &LightPlan::reflections, change_reflections, scenes.room, std::as_const(scenes.empty_room));
	where_drawn(lights, &LightPlan::shadow, cast_strangers_shadows, scenes.room);
	where_drawn(lights, &LightPlan::glare, add_glare, scenes.room);
	return scenes;
}

} // namespace matting::training
